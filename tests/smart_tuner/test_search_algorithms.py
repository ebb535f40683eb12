"""Один run.yaml, разные оптимизаторы: меняется одна строка, история верна, повтор даёт то же.

Цикл и модель настоящие, но модель учится в этом же процессе: тренер-процесс проверяют другие тесты.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ttsf_tiny import Tiny

from tts_framework.events import Event, Metric, TrialStarted
from tts_framework.plan import Plan
from tts_framework.smart_tuner import history
from tts_framework.smart_tuner.lineage import Lineage
from tts_framework.smart_tuner.loop import tune
from tts_framework.smart_tuner.memory import TrialRecord
from tts_framework.smart_tuner.metrics_store import MetricsStore
from tts_framework.smart_tuner.referee import Referee
from tts_framework.smart_tuner.trial_runner import Ending

ALGORITHMS: dict[str, Any] = {
    "random": "random",
    "cmaes": "cmaes",
    "optuna": "optuna",
    "optuna-cmaes": {"use": "optuna", "sampler": "cmaes"},
    "optuna-nsga2": {"use": "optuna", "sampler": "nsga2", "population": 4},
    "optuna-qmc": {"use": "optuna", "sampler": "qmc", "pruner": "median"},
    "stranger": "stranger",
}
GOALS = [{"metric": "val_loss", "mode": "min"}, {"metric": "val_distance", "mode": "min"}]
TUNER = {
    "n_trials": 14,
    "control_every": 5,
    "n_startup_iters": 100,
    "objectives": GOALS,
    "search_space": {
        "learning_rate": {"type": "loguniform", "low": 1e-5, "high": 1e-2},
        "dropout_decoder": {"type": "categorical", "choices": [0.0, 0.1, 0.3]},
        "weight_decay": {
            "type": "loguniform",
            "low": 1e-6,
            "high": 1e-3,
            "when": {"dropout_decoder": [0.0, 0.1]},
        },
    },
}
STRANGER = '''
from tts_framework.components import Optimizer, Proposal
from tts_framework.hookspecs import hookimpl

class Stranger(Optimizer):
    """Шагает по отрезку осей золотым сечением."""
    def ask(self, past, n=1):
        at = [(0.618 * (past.decision + k)) % 1 for k in range(n)]
        return [Proposal(self.space.define(lambda p, u=u: p.from_unit(u)), "golden") for u in at]

@hookimpl
def ttsf_optimizer():
    return Stranger
'''


class InProcess:
    """Runner: учит `tiny` здесь же, пишет её чекпоинты и спрашивает судью после каждой оценки."""

    def __init__(self) -> None:
        self.ending = Ending("reached", "")

    def __call__(
        self, plan: Plan, store: MetricsStore, lineage: Lineage, referee: Referee
    ) -> InProcess:
        self._plan, self._store, self._lineage, self._referee = plan, store, lineage, referee
        return self

    def run(self, record: TrialRecord) -> Iterator[Event]:
        started = record.started
        session: Any = Tiny.start(Tiny.Config(), SimpleNamespace(batch_size=16, seed=1))
        session.iteration = 0
        if started.checkpoint:
            session.load(self._plan.folder / started.checkpoint)
        session.apply(started.hparams)
        folder = self._lineage.trial_folder(started.trial)
        folder.mkdir(parents=True, exist_ok=True)
        self.ending = Ending("reached", "")
        while session.iteration < started.end_iteration:
            for _ in range(25):
                session.step()
            measured = session.evaluate().items()
            metrics = [Metric(tag, session.iteration, value, 0.0) for tag, value in measured]
            self._store.add(started.trial, metrics)
            if reason := self._referee.prune(record):
                self.ending = Ending("pruned", reason)
                break
        session.save(folder / f"checkpoint_{session.iteration}")
        yield from ()


Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(
    write_run: Any, planned: Callable[[Path], Plan], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Run:
    """Подстрой `tiny` и верни историю; `die_after` — оборвать цикл после стольких решений."""
    site = tmp_path / "site"
    info = site / "stranger-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "stranger.py").write_text(STRANGER)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[ttsf]\nstranger = stranger\n")
    monkeypatch.syspath_prepend(str(site))

    def run(name: str, algorithm: str, die_after: tuple[int, ...] = (), **tuner: Any) -> Any:
        settings = {**TUNER, "search_algorithm": ALGORITHMS[algorithm], **tuner}
        plan = planned(write_run(tmp_path, run=name, tuner=settings))
        for decisions in die_after:
            events = tune(plan, None, InProcess())
            for event in events:
                if isinstance(event, TrialStarted) and event.trial + 1 >= decisions:
                    break
            events.close()
        list(tune(plan, None, InProcess()))
        history.write(plan.folder / history.NAME, read(plan))
        assert history.problems(plan.folder / history.NAME) == []
        return read(plan)

    return run


def read(plan: Plan) -> dict[str, Any]:
    store = history.open_store(plan.folder)
    try:
        return history.read(store)
    finally:
        store.close()


def decisions(document: dict[str, Any]) -> list[tuple[Any, ...]]:
    kept = ("kind", "parent", "hparams", "why", "outcome", "value", "score", "values")
    return [tuple(trial[key] for key in kept) for trial in document["trials"]]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("continues", [True, False], ids=["continue", "scratch"])
def test_the_search_algorithm_is_the_only_line_that_changes(
    run: Run, algorithm: str, continues: bool
) -> None:
    found = run("run", algorithm, resume_from_checkpoint=continues)
    trials = found["trials"]
    assert found["optimizer"] == algorithm.partition("-")[0]
    assert len(trials) == 14 and found["stopped"]["finished"]
    assert not [note for note in found["notes"] if note["event"] == "OptimizerFailed"]
    assert len({json.dumps(trial["hparams"]) for trial in trials}) > 6
    for trial in trials:
        acts = trial["hparams"]["dropout_decoder"] != 0.3
        assert ("weight_decay" in trial["hparams"]) == acts
        assert set(trial["values"]) == {"val_loss", "val_distance"}
    assert found["objectives"] == GOALS
    whole = [t for t in trials if t["outcome"] in ("committed", "rolled_back")]
    best = min(whole, key=lambda t: (t["values"]["val_loss"], t["values"]["val_distance"]))
    assert best["trial"] in found["pareto_front"]


@pytest.mark.parametrize("algorithm", ["cmaes", "optuna", "optuna-cmaes", "optuna-nsga2"])
def test_a_search_cut_anywhere_in_a_generation_decides_as_the_whole_one(
    run: Run, algorithm: str
) -> None:
    whole = run("whole", algorithm)
    cut = run("cut", algorithm, die_after=(3, 4, 8, 9, 12))
    assert decisions(cut) == decisions(whole)
