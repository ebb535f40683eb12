"""Таблица и дерево trial-ов для терминала."""

from __future__ import annotations

from rich import box
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from tts_framework.events import HParams
from tts_framework.smart_tuner.memory import Memory, TrialRecord
from tts_framework.smart_tuner.strategies import PROPOSAL

_STYLES = {
    "committed": "green",
    "rolled_back": "yellow",
    "pruned": "yellow",
    "failed": "red",
    "diverged": "red",
    "open": "cyan",
}


def trial_table(memory: Memory) -> Table:
    """Построй таблицу: trial, родитель, значения, итерации, метрика, оценка, исход."""
    metric = memory.run.objective["metric"] if memory.run else "value"
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for name in ("trial", "parent", "values", "iterations", metric, "score", "outcome"):
        right = name in ("parent", metric, "score")
        table.add_column(
            name, justify="right" if right else "left", no_wrap=name != "values", overflow="fold"
        )
    for record in memory.trials:
        number, kind, parent, values, *rest = _cells(record, memory)
        if record.started.kind != PROPOSAL:
            number.append(f" {kind}", style="dim")
        table.add_row(number, parent, values, *rest)
    return table


def trial_tree(memory: Memory) -> Tree:
    """Построй дерево: каждый trial растёт из своего родителя, ствол помечен."""
    run = memory.run
    title = f"{run.run}: {run.strategy}, {run.optimizer}, seed {run.seed}" if run else "no run"
    root = Tree(Text(title, style="bold"))
    branches: dict[int | None, Tree] = {None: root}
    for record in memory.trials:
        parent = branches[record.started.parent]
        branches[record.started.trial] = parent.add(_leaf(record, memory))
    return root


def _cells(record: TrialRecord, memory: Memory) -> list[Text]:
    started, finished = record.started, record.finished
    outcome = finished.outcome if finished else "open"
    end = finished.end_iteration if finished else started.end_iteration
    best = memory.best is not None and memory.best.trial == started.trial
    return [
        Text(str(started.trial)),
        Text(started.kind),
        Text("-" if started.parent is None else str(started.parent)),
        Text(_values(started.hparams)),
        Text(f"{started.start_iteration}-{end}"),
        Text(_number(finished.value if finished else None, "{:.4f}")),
        Text(_number(finished.score if finished else None, "{:+.2f}")),
        Text(outcome + (" (best)" if best else ""), style=_STYLES.get(outcome, "")),
    ]


def _leaf(record: TrialRecord, memory: Memory) -> Text:
    number, kind, _, values, span, value, score, outcome = _cells(record, memory)
    trunk = "●" if record.started.trial in memory.lineage else "○"
    line = Text(f"{trunk} {number} {kind} {span} {value} z {score} ")
    return line.append_text(outcome).append(f"  {values}", style="dim")


def _values(hparams: HParams) -> str:
    return " ".join(
        f"{name}={value:.3g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in hparams.items()
    )


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)
