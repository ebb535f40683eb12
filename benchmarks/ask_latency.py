"""Таблица: сколько оптимизатор думает над одним предложением при 10, 100 и 1000 прошлых trial-ах.

    OMP_NUM_THREADS=1 python benchmarks/ask_latency.py [--repeats 7] [--axes 5] [--processor]

Каждый вопрос задаётся новому объекту оптимизатора, как сразу после сбоя: всё прошлое он видит
впервые. Рядом — Optuna без фреймворка: `study.ask` с TPE над исследованием, которое уже лежит в
памяти или в SQLite. `--processor` мерит время процессора: на занятой машине оно честнее.
Столбцы — медианы в миллисекундах, последний — худший из вопросов при 1000.

Предел — 100 мс при 1000. `window 1000` показывает оптимизатору всё прошлое, а не последние 50;
`gp` и тогда видит не больше `gp_max_trials`. `two goals` — с оценкой по каждой из двух целей.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import FloatDistribution
from rich import box
from rich.console import Console
from rich.table import Table

from tts_framework.plugins import Plugins
from tts_framework.space import Parameter, Space
from tts_framework.testing.pasts import make_past, make_trial

SIZES = (10, 100, 1000)
LIMIT_MS = 100.0
GOALS = (("val_loss", "min"), ("speed", "max"))
ENGINES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("random", "random", {}),
    ("cmaes", "cmaes", {}),
    *(
        (f"optuna, {name}", "optuna", {"sampler": name})
        for name in ("tpe", "gp", "cmaes", "nsga2", "random", "qmc")
    ),
    *(
        (f"optuna, {name}, window 1000", "optuna", {"sampler": name, "window": 1000})
        for name in ("tpe", "gp", "cmaes", "nsga2")
    ),
)
SEVERAL = ("tpe", "gp", "nsga2")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--axes", type=int, default=5)
    parser.add_argument("--processor", action="store_true", help="processor time, not wall time")
    arguments = parser.parse_args()
    clock = time.process_time if arguments.processor else time.perf_counter
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    columns = (f"{size}, ms" for size in SIZES)
    table = Table("engine", *columns, "worst at 1000, ms", box=box.MARKDOWN)
    for label, name, options in ENGINES:
        table.add_row(label, *row(engine(name, options, arguments.axes), arguments.repeats, clock))
    for name in SEVERAL:
        prepare = engine("optuna", {"sampler": name}, arguments.axes, GOALS)
        table.add_row(f"optuna, {name}, two goals", *row(prepare, arguments.repeats, clock))
    for label, sqlite in (("plain Optuna TPE, memory", False), ("plain Optuna TPE, SQLite", True)):
        table.add_row(label, *row(plain(sqlite, arguments.axes), arguments.repeats, clock))
    Console(width=100).print(table)


def row(
    prepare: Callable[[int], Callable[[], object]], repeats: int, clock: Callable[[], float]
) -> list[str]:
    """Измерь вопрос при каждой длине прошлого; первый вопрос (импорт библиотек) не в счёт."""
    cells, times = [], [0.0]
    for size in SIZES:
        ask = prepare(size)
        ask()
        times = [_milliseconds(ask, clock) for _ in range(repeats)]
        cells.append(f"{statistics.median(times):.1f}")
    return [*cells, f"{max(times):.1f}{' !' if max(times) > LIMIT_MS else ''}"]


def _milliseconds(ask: Callable[[], object], clock: Callable[[], float]) -> float:
    start = clock()
    ask()
    return 1000 * (clock() - start)


def space_of(axes: int) -> Space:
    """Собери пространство: половина осей логарифмические, есть целая и категория."""
    made = [Parameter(f"axis_{i}", "loguniform", 1e-5, 1e-1) for i in range(max(1, axes - 2))]
    made += [Parameter("units", "int", 1, 8), Parameter("act", "categorical", choices=("a", "b"))]
    return Space({axis.name: axis for axis in made[:axes]})


def engine(
    name: str, options: dict[str, Any], axes: int, goals: tuple[tuple[str, str], ...] = ()
) -> Callable[[int], Callable[[], object]]:
    """Верни подготовку: длина прошлого -> вопрос новому оптимизатору."""
    cls, space = Plugins().get("optimizer", name), space_of(axes)

    def prepare(size: int) -> Callable[[], object]:
        rng = random.Random(1)
        base = space.sample(rng)
        trials = []
        for number in range(size):
            hparams, score = space.sample(rng), rng.gauss(0, 1)
            scores = {metric: rng.gauss(0, 1) for metric, _ in goals}
            trials.append(make_trial(number, hparams=hparams, score=score, scores=scores))
        past = make_past(trials, space, base=base, current=base, objectives=goals)
        return lambda: cls(cls.Config(**options), space).ask(past)

    return prepare


def plain(sqlite: bool, axes: int) -> Callable[[int], Callable[[], object]]:
    names = [f"axis_{i}" for i in range(axes)]
    dists = {name: FloatDistribution(1e-5, 1e-1, log=True) for name in names}

    def prepare(size: int) -> Callable[[], object]:
        folder = Path(tempfile.mkdtemp())
        storage = f"sqlite:///{folder / 'optuna.db'}" if sqlite else None
        sampler = optuna.samplers.TPESampler(multivariate=True, seed=1)
        study = optuna.create_study(storage=storage, sampler=sampler)
        rng = random.Random(1)
        study.add_trials(
            [
                optuna.trial.create_trial(
                    params={name: 10 ** rng.uniform(-5, -1) for name in names},
                    distributions=dict(dists),
                    value=rng.gauss(0, 1),
                )
                for _ in range(size)
            ]
        )
        return lambda: study.ask(dict(dists))

    return prepare


if __name__ == "__main__":
    main()
