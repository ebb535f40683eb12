"""Сколько ждёт решения GPU: ответы оптимизаторов и весь путь от метрик до командной строки.

python benchmarks/decision_latency.py
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tts_framework.builtin.sqlite import SqliteStore
from tts_framework.components import Optimizer, Options
from tts_framework.config import Settings
from tts_framework.events import Metric, TrialFinished, TrialStarted
from tts_framework.foreign_trainer.dialects import Words
from tts_framework.plan import Plan
from tts_framework.plugins import Plugins
from tts_framework.smart_tuner.early_stop import EarlyStopController
from tts_framework.smart_tuner.metrics_store import MetricsStore
from tts_framework.smart_tuner.optimization_engine import OptimizationEngine
from tts_framework.smart_tuner.param_scheduler import ParamScheduler
from tts_framework.smart_tuner.past import PastBuilder
from tts_framework.smart_tuner.strategies.continue_ import Continue
from tts_framework.space import Parameter, Space
from tts_framework.testing.pasts import random_past
from tts_framework.trials import COMMITTED, Trial

BOUND_MS = 100.0
SIZES = (10, 100, 1000)
ENGINES = ("keep", "random", "cosine", "wsd", "plateau", "optuna")
SPACE = Space(
    {
        "learning_rate": Parameter("learning_rate", "loguniform", 1e-5, 1e-3),
        "weight_decay": Parameter("weight_decay", "loguniform", 1e-6, 1e-3),
        "dropout_decoder": Parameter("dropout_decoder", "uniform", 0.0, 0.5),
    }
)
BASE = {"learning_rate": 5e-4, "weight_decay": 1e-5, "dropout_decoder": 0.1}


def milliseconds(work: Callable[[], object], repeats: int = 20) -> tuple[float, float]:
    """Верни медиану и худшее время одного вызова, мс; первый вызов — разогрев импортов."""
    work()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times), max(times)


def optimizer(name: str) -> Optimizer:
    cls = Plugins().get("optimizer", name)
    made: Optimizer = cls(cls.Config(), SPACE)
    return made


def asking() -> Iterator[tuple[str, list[tuple[float, float]]]]:
    """Измерь `ask` каждого оптимизатора и `prune` Hyperband."""
    pasts = [random_past(random.Random(size), SPACE, size) for size in SIZES]
    for name in ENGINES:
        asked = optimizer(name)
        yield f"{name}: ask", [milliseconds(partial(asked.ask, past)) for past in pasts]
    engine = optimizer("optuna")
    yield "optuna: prune", [
        milliseconds(partial(engine.prune, _open(past), past)) for past in pasts
    ]


def _open(past: Any) -> Trial:
    points = ((50, -2.0), (100, -2.5), (150, -2.5))
    last = past.trials[-1]
    return replace(
        last, number=len(past.trials), kind="proposal", outcome=None, advantages=points, parent=0
    )


class Path1000:
    """Запуск в настоящем SQLite, которому осталось принять следующее решение."""

    def __init__(self, folder: Path, trials: int, algorithm: str) -> None:
        settings = Settings()
        settings = settings.model_copy(
            update={"tuner": settings.tuner.model_copy(update={"n_trials": 10 * trials})}
        )
        cls = SqliteStore
        self.plan = Plan(
            settings=settings,
            config_path=folder / "run.yaml",
            folder=folder,
            model=None,
            model_config=None,
            space=SPACE,
            base=BASE,
            optimizer=optimizer(algorithm),
            optimizer_name=algorithm,
            stoppers=_stoppers(10 * trials),
            store=(cls, Options()),
            watchers={},
            alerters={},
        )
        self.store = MetricsStore(cls(Options(), folder), "val_loss")
        self.strategy = Continue(settings.tuner, self.store)
        self.past = PastBuilder(self.plan, self.store, self.strategy)
        self.engine = OptimizationEngine(self.plan.optimizer, SPACE, settings.tuner.max_step)
        self.early_stop = EarlyStopController(self.plan.stoppers)
        self.rng = random.Random(1)

    def train(self) -> None:
        """Сделай вид, что тренер отучил открытый trial и записал метрики."""
        record = self.store.memory.trials[-1].started
        steps = range(record.start_iteration + 50, record.end_iteration + 1, 50)
        level = [(s, 0.5 + 2.0 / (1 + s / 300) * self.rng.gauss(1, 0.02)) for s in steps]
        self.store.add(record.trial, [Metric("val_loss", s, v, 0.0) for s, v in level])

    def decide(self) -> Words:
        """Пройди путь от метрик в хранилище до текста `--hparams` следующего trial."""
        record = self.store.memory.open_trial
        if record is not None:
            verdict = self.strategy.judge(record)
            self.store.record(
                TrialFinished(
                    trial=record.started.trial,
                    outcome=COMMITTED,
                    reason=verdict.reason,
                    end_iteration=record.started.end_iteration,
                    checkpoint="checkpoint",
                    sha256="0" * 64,
                    value=verdict.value,
                    score=verdict.score,
                    forecast=verdict.forecast,
                    forecast_std=verdict.forecast_std,
                    seconds=1.0,
                )
            )
        past = self.past.build()
        assert self.early_stop.stop_tuning(past) is None
        branch = self.strategy.branch()
        decision = self.engine.decide(past)
        self.store.record(
            TrialStarted(
                trial=len(past.trials),
                kind=branch.kind,
                parent=branch.parent.started.trial if branch.parent else None,
                checkpoint=None,
                sha256=None,
                start_iteration=branch.start,
                end_iteration=branch.end,
                hparams=decision.values,
                reason=decision.note,
            )
        )
        return ParamScheduler().render(decision.values)


def _stoppers(n_trials: int) -> dict[str, Any]:
    plugins, made = Plugins(), {}
    options = {"n_trials": {"n_trials": n_trials}, "patience": {"patience": n_trials}}
    for name in ("n_trials", "patience", "max_failures", "divergence", "min_learning_rate"):
        cls = plugins.get("stopper", name)
        made[name] = cls(cls.Config(**options.get(name, {})))
    return made


def whole_path(algorithm: str) -> Iterator[tuple[str, list[tuple[float, float]]]]:
    """Измерь решение в идущем запуске и восстановление прерванного до первого решения."""
    warm, cold = [], []
    for size in SIZES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            run = Path1000(folder, size, "keep")
            for _ in range(size):
                run.decide()
                run.train()
            warm.append(_decisions(Path1000(folder, size, algorithm)))
            cold.append(milliseconds(partial(_resumed, folder, size, algorithm), 5))
    yield f"metrics -> --hparams ({algorithm})", warm
    yield f"start-up of a resumed run ({algorithm})", cold


def _decisions(run: Path1000) -> tuple[float, float]:
    run.decide()
    times = []
    for _ in range(20):
        run.train()
        started = time.perf_counter()
        run.decide()
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times), max(times)


def _resumed(folder: Path, size: int, algorithm: str) -> None:
    run = Path1000(folder, size, algorithm)
    run.engine.decide(run.past.build())


def _met(median: float) -> str:
    return "yes" if median < BOUND_MS else "no"


def main() -> None:
    table = Table(title="a decision, ms: median (worst)")
    for column in ("what", *(f"{size} past trials" for size in SIZES), f"under {BOUND_MS:g} ms"):
        table.add_column(column)
    for rows in (asking(), whole_path("random"), whole_path("optuna")):
        for name, cells in rows:
            shown = [f"{median:.2f} ({worst:.2f})" for median, worst in cells]
            met = "-" if name.startswith("start-up") else _met(cells[-1][0])
            table.add_row(name, *shown, met)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
