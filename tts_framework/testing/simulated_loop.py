"""Настоящий цикл подстройки над симулированным тренером: стратегии проверяются за секунды."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tts_framework.builtin.sqlite import SqliteStore
from tts_framework.components import Options
from tts_framework.config import Settings
from tts_framework.events import Event, Metric, TrialFinished
from tts_framework.plan import Plan
from tts_framework.plugins import Plugins
from tts_framework.smart_tuner.lineage import Lineage
from tts_framework.smart_tuner.loop import tune
from tts_framework.smart_tuner.memory import TrialRecord
from tts_framework.smart_tuner.metrics_store import MetricsStore
from tts_framework.smart_tuner.referee import Referee, StopRequest
from tts_framework.smart_tuner.trial_runner import Ending
from tts_framework.testing.simulated import AXIS, SimulatedTrainer, space_of
from tts_framework.trials import COMMITTED

STEPS = 20
"""Итераций в одном отрезке симуляции."""
METRIC = "objective"


@dataclass(frozen=True)
class Result:
    """Итог: события, истинная цель головы ветви и сколько отрезков пройдено ветвью и всего."""

    events: list[Event]
    final: float
    on_lineage: int
    spent: int


def tune_simulated(
    trainer: SimulatedTrainer,
    optimizer: str,
    folder: Path,
    *,
    seed: int = 0,
    segments_per_trial: int = 5,
    **tuner: object,
) -> Result:
    """Подстрой симуляцию, пока на ветви или всего (с откатами) не кончится бюджет отрезков."""
    request = StopRequest()
    simulation = Simulation(trainer, request)
    plan = _plan(trainer, optimizer, folder, seed, segments_per_trial, tuner)
    events = list(tune(plan, request, simulation))
    committed = [e for e in events if isinstance(e, TrialFinished) and e.outcome == COMMITTED]
    head = simulation.forks[committed[-1].checkpoint if committed else None]
    return Result(events, head.final, head.segment, simulation.spent)


class Simulation:
    """Runner над копиями симуляции: чекпоинт — это `fork` тренера под именем файла."""

    def __init__(self, trainer: SimulatedTrainer, request: StopRequest) -> None:
        self.spent = 0
        self.ending = Ending("reached", "")
        self.forks: dict[str | None, SimulatedTrainer] = {None: trainer}
        self._budget = trainer.segments
        self._request = request

    def __call__(
        self, plan: Plan, store: MetricsStore, lineage: Lineage, referee: Referee
    ) -> Simulation:
        self._store, self._lineage = store, lineage
        return self

    def run(self, record: TrialRecord) -> Iterator[Event]:
        """Пройди отрезки trial; кончился бюджет — попроси цикл остановиться."""
        started = record.started
        trainer = self.forks[started.checkpoint].fork()
        value = float(started.hparams[AXIS])
        for step in range(started.start_iteration, started.end_iteration, STEPS):
            measured = Metric(METRIC, step + STEPS, trainer.run(value), 0.0)
            self._store.add(started.trial, [measured])
            self.spent += 1
        path = self._lineage.trial_folder(started.trial) / f"checkpoint_{started.end_iteration}"
        path.parent.mkdir(parents=True)
        path.write_text(f"{value}")
        self.forks[self._lineage.relative(path)] = trainer
        if self.spent >= self._budget:
            self._request.ask("the budget of segments is spent")
        yield from ()


def _plan(
    trainer: SimulatedTrainer,
    optimizer: str,
    folder: Path,
    seed: int,
    segments_per_trial: int,
    tuner: dict[str, object],
) -> Plan:
    iterations = STEPS * segments_per_trial
    settings = Settings.model_validate(
        {
            "run": f"{type(trainer).__name__}-{optimizer}-{seed}",
            "seed": seed,
            "output": folder,
            "trainer": {"iters_per_checkpoint": STEPS},
            "tuner": {
                "n_trials": trainer.segments // segments_per_trial,
                "n_startup_iters": iterations,
                "objective": {"metric": METRIC, "mode": trainer.mode},
                **tuner,
            },
        }
    )
    space = space_of(trainer)
    cls = Plugins().get("optimizer", optimizer)
    return Plan(
        settings=settings,
        config_path=settings.folder / "run.yaml",
        folder=settings.folder,
        model=None,
        model_config=None,
        space=space,
        base={AXIS: trainer.start},
        optimizer=cls(cls.Config(), space),
        optimizer_name=optimizer,
        stoppers={},
        store=(SqliteStore, Options()),
        watchers={},
        alerters={},
    )
