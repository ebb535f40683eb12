"""`evaluation.html`: одна страница без скриптов и внешних запросов; всё чужое экранируется."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tts_framework.evaluation import pictures
from tts_framework.evaluation.charts import Chart, chart
from tts_framework.evaluation.items import Item
from tts_framework.evaluation.metrics import METRICS, metric
from tts_framework.evaluation.rows import ABOUT, COPY, HARD, REAL, SYNTHESIS, Cell
from tts_framework.evaluation.run import Evaluation
from tts_framework.evaluation.words import metric_names, remarks, shown, title
from tts_framework.evaluation.workshop import Report, Workshop, silent
from tts_framework.speech.checking import page as checking_page
from tts_framework.speech.checking import players
from tts_framework.speech.disk import write

NAME = "evaluation.html"
HERE = Path(__file__).parent
WORST, TYPICAL, SENTENCES = 4, 4, 16
BYTES = 12_000_000
TITLES = {REAL: "real", COPY: "copy", SYNTHESIS: "synthesis", HARD: "synthesis"}
CHARTED = ("cer", "mcd_db", "log_f0_rmse", "vuv_error", "dnsmos_ovrl", "duration_ratio")


@dataclass(frozen=True)
class Player:
    """Звук на странице: `sound` пуст, когда не поместился (его место называет `file`)."""

    title: str
    sound: str
    picture: str
    heard: str
    facts: str
    file: str


@dataclass(frozen=True)
class Exhibit:
    """Один текст и его звуки рядом; `attention` - картинка, `why` - чем он здесь."""

    item: Item
    why: str
    players: tuple[Player, ...]
    attention: str
    failures: tuple[str, ...]


def write_page(evaluation: Evaluation, path: Path, progress: Report = silent) -> None:
    """Запиши страницу атомарно.

    Raises:
        DiskFull: кончилось место; прежняя страница цела.
    """
    write(path, render(evaluation, progress).encode("utf-8", "backslashreplace"))


def render(evaluation: Evaluation, progress: Report = silent) -> str:
    """Собери страницу."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clean"] = checking_page.clean
    summary = evaluation.summary()
    rows = [name for name in ABOUT if name in evaluation.rows]
    names = [n for n in metric_names(evaluation) if any(n in summary[row] for row in rows)]
    room = _Room(evaluation, BYTES, progress)
    chosen = [*_clips(evaluation), *_sentences(evaluation)]
    exhibits = [room.exhibit(item, why, n, len(chosen)) for n, (item, why) in enumerate(chosen, 1)]
    styles = (checking_page.HERE / "page.css", HERE / "page.css")
    return environment.get_template("page.html").render(
        evaluation=evaluation,
        voice=evaluation.request.voice,
        rows=rows,
        about=ABOUT,
        table=[
            (
                title(name),
                f"{name}: {_about(name)}",
                [shown(name, summary[r].get(name)) for r in rows],
            )
            for name in names
        ],
        charts=_charts(summary, rows),
        clips=[one for one in exhibits if one.item.is_clip],
        sentences=[one for one in exhibits if not one.item.is_clip],
        hard=_hard(evaluation),
        remarks=[line for line in remarks(evaluation) if line.partition(":")[0] not in ABOUT],
        style="\n".join(path.read_text("utf-8") for path in styles),
    )


class _Room:
    """Раскладывает звуки по странице, пока есть место."""

    def __init__(self, evaluation: Evaluation, size: int, progress: Report) -> None:
        self._evaluation, self._left, self._progress = evaluation, size, progress
        self._workshop = Workshop(evaluation.request.out)

    def exhibit(self, item: Item, why: str, done: int, total: int) -> Exhibit:
        rows = self._evaluation.rows
        cells = {
            row: rows[row].cells[item.name]
            for row in TITLES
            if row in rows and item.name in rows[row].cells
        }
        said = cells.get(SYNTHESIS) or cells.get(HARD)
        picture = self._workshop.attention_path(item.name)
        attention = pictures.url(picture.read_bytes()) if picture.is_file() else ""
        shown = tuple(self._player(row, cell) for row, cell in cells.items())
        self._progress(done, total, "page")
        return Exhibit(item, why, shown, attention, (said.failures or ()) if said else ())

    def _player(self, row: str, cell: Cell) -> Player:
        path = cell.recording.path
        encoded = base64.b64encode(players.flac(path)).decode()
        sound = f"data:audio/flac;base64,{encoded}" if len(encoded) <= self._left else ""
        picture = pictures.url(pictures.spectrogram(cell.recording.sound)) if sound else ""
        self._left -= len(sound) + len(picture)
        judge = next(iter(cell.heard), "")
        return Player(
            TITLES[row], sound, picture, cell.heard.get(judge, ""), _facts(cell, judge), str(path)
        )


def _facts(cell: Cell, judge: str) -> str:
    """Запиши главные числа одного звука."""
    found = []
    cer = cell.cer(judge)
    if cer is not None:
        found.append(f"CER {cer:.0%}")
    for name, short in (("mcd_db", "MCD"), ("dnsmos_ovrl", "DNSMOS")):
        value = cell.values.get(name)
        if value is not None:
            found.append(f"{short} {value:.{METRICS[name].digits}f}")
    return ", ".join(found)


def _badness(evaluation: Evaluation, cell: Cell) -> tuple[float, float, float]:
    """Упорядочь звуки: срывы, ошибки судьи, расстояние."""
    judge = next(iter(evaluation.judges), "")
    return (
        float(len(cell.failures or ())),
        cell.cer(judge) or 0.0,
        cell.values.get("mcd_db") or 0.0,
    )


def _ordered(evaluation: Evaluation, row: str) -> list[Item]:
    """Верни тексты строки, худшие первыми."""
    if row not in evaluation.rows:
        return []
    cells = evaluation.rows[row].cells
    items = [item for item in evaluation.items if item.name in cells]
    return sorted(items, key=lambda item: _badness(evaluation, cells[item.name]), reverse=True)


def _clips(evaluation: Evaluation) -> list[tuple[Item, str]]:
    """Отбери клипы: несколько худших и несколько из середины."""
    ordered = _ordered(evaluation, SYNTHESIS)
    worst, rest = ordered[:WORST], ordered[WORST:]
    middle = max(0, (len(rest) - TYPICAL) // 2)
    typical = rest[middle : middle + TYPICAL]
    return [*((item, "worst") for item in worst), *((item, "typical") for item in typical)]


def _sentences(evaluation: Evaluation) -> list[tuple[Item, str]]:
    return [(item, item.kind) for item in _ordered(evaluation, HARD)[:SENTENCES]]


def _hard(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Собери таблицу трудных фраз, худшие первыми."""
    judge = next(iter(evaluation.judges), "")
    found = []
    for item in _ordered(evaluation, HARD):
        cell = evaluation.rows[HARD].cells[item.name]
        cer = cell.cer(judge)
        found.append(
            {
                "item": item,
                "heard": cell.heard.get(judge, ""),
                "cer": "" if cer is None else f"{cer:.0%}",
                "failures": ", ".join(cell.failures or ()),
            }
        )
    return found


def _charts(summary: dict[str, Any], rows: Sequence[str]) -> list[Chart]:
    """Нарисуй меры, по которым голос стоит между полом и потолком."""
    found = []
    for name in CHARTED:
        measured = [(row, summary[row][name]) for row in rows if name in summary[row]]
        if len(measured) > 1:
            found.append(chart(name, _about(name), measured))
    return found


def _about(name: str) -> str:
    found = metric(name)
    better = {"lower": "lower is better", "higher": "higher is better", "one": "1 is best"}
    return f"{found.about}; {better[found.better]}"
