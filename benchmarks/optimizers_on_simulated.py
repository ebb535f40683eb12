"""Таблица: чего стоят расписания и случайный поиск на симулированных тренерах.

    python benchmarks/optimizers_on_simulated.py [--seeds 10]

Первая таблица — одно обучение под оптимизатором: опорные числа (reference/tuning.md, раздел 3)
и встроенные расписания с настройками по умолчанию и с лучшими по сетке. Вторая — подбор постоянного
значения: `SEARCH` обучений с нуля, лучшее из них. Третья — подбор четырёх разных осей (`Valley`):
истинные лишние потери точки, лучшей по шумным оценкам, после 10, 20, 40 и 60 из них.

    python benchmarks/optimizers_on_simulated.py --only valley [--seeds 8]
"""

from __future__ import annotations

import argparse
import itertools
import math
import random
import statistics
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, ClassVar

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from tts_framework.events import Value
from tts_framework.plugins import Plugins
from tts_framework.space import Parameter, Space
from tts_framework.testing.pasts import make_past, make_trial
from tts_framework.testing.simulated import (
    AXIS,
    Deceptive,
    NoisyQuadratic,
    SimulatedTrainer,
    space_of,
    train,
)
from tts_framework.trials import Trial

Result = tuple[float, float]
SEARCH = 22
_PEAKS = (None, 0.25, 0.8, 1.1, 1.6)
_ORACLE: dict[str, dict[str, tuple[Any, ...]]] = {
    "cosine": {"peak": _PEAKS, "final": (0.0, 1e-3, 1e-2)},
    "wsd": {"peak": _PEAKS, "decay": (0.2, 0.3, 0.4, 0.6), "final": (1e-3, 1e-2)},
    "plateau": {"patience": (1, 2, 4, 8), "factor": (0.3, 0.5, 0.7)},
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--only", choices=["valley"])
    arguments = parser.parse_args()
    seeds = arguments.seeds
    if arguments.only == "valley":
        valley_table(seeds)
        return
    table = Table("optimizer", "deceptive (max)", "noisy quadratic (min)", box=box.MARKDOWN)
    for name, deceptive, quadratic in rows(seeds):
        table.add_row(name, f"{deceptive:.3f}", f"{quadratic:.5f}")
    search = Table(
        f"best of {SEARCH} constants", "deceptive (max)", "noisy quadratic (min)", box=box.MARKDOWN
    )
    for name in ("random", "cmaes", "optuna"):
        deceptive, quadratic = searched(Plugins(), name, seeds)
        search.add_row(name, f"{deceptive:.3f}", f"{quadratic:.5f}")
    Console(width=100).print(table, search)
    valley_table(seeds)


class Valley:
    """Подбор четырёх осей: косой овраг двух логарифмических, целая и категория, шум оценки 5%.

    Минимум 0.1; место его — от зерна, исходная точка — в стороне.
    """

    space = Space(
        {
            "rate": Parameter("rate", "loguniform", 1e-5, 1e-1),
            "decay": Parameter("decay", "loguniform", 1e-7, 1e-2),
            "units": Parameter("units", "int", 1, 8),
            "act": Parameter("act", "categorical", choices=("relu", "gelu", "tanh")),
        }
    )
    base: ClassVar[dict[str, Value]] = {"rate": 1e-3, "decay": 1e-5, "units": 4, "act": "relu"}

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._best = [0.5 + side * 0.25 for side in self._rng.choices((-1, 1), k=3)]
        self._act = self._rng.choice(("relu", "gelu", "tanh"))

    def loss(self, values: Mapping[str, Value]) -> float:
        """Верни истинные потери."""
        rate, decay, units = (
            self.space[name].to_unit(values[name]) - best
            for name, best in zip(("rate", "decay", "units"), self._best, strict=True)
        )
        along, across = rate + decay, rate - decay
        miss = 0.0 if values["act"] == self._act else 0.15
        return 0.1 + 2 * along**2 + 0.5 * across**2 + 0.5 * units**2 + miss

    def measured(self, values: Mapping[str, Value]) -> float:
        """Верни оценку с шумом."""
        return self.loss(values) * (1 + 0.05 * self._rng.gauss(0, 1))


BUDGETS = (10, 20, 40, 60)
SEARCHERS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("random", "random", {}),
    ("cmaes (population 5, sigma 0.25)", "cmaes", {}),
    ("cmaes, population 4", "cmaes", {"population": 4}),
    ("cmaes, population 8", "cmaes", {"population": 8}),
    ("cmaes, sigma 0.15", "cmaes", {"sigma": 0.15}),
    ("cmaes, sigma 0.35", "cmaes", {"sigma": 0.35}),
    ("optuna, tpe (4 random)", "optuna", {}),
    ("optuna, tpe, 10 random", "optuna", {"n_startup_trials": 10}),
    ("optuna, cmaes", "optuna", {"sampler": "cmaes"}),
    ("optuna, nsga2", "optuna", {"sampler": "nsga2"}),
    ("optuna, qmc", "optuna", {"sampler": "qmc"}),
    ("optuna, gp", "optuna", {"sampler": "gp"}),
)


def valley_table(seeds: int) -> None:
    """Напечатай третью таблицу, строку за строкой: подборы долгие."""
    columns = " | ".join(f"{budget}" for budget in BUDGETS)
    print(f"| best of N on the valley | {columns} |", "|---|" + "---:|" * len(BUDGETS), sep="\n")
    for label, name, options in SEARCHERS:
        runs = [_descent(name, options, seed) for seed in range(seeds)]
        cells = " | ".join(f"{statistics.median(column):.3f}" for column in zip(*runs, strict=True))
        print(f"| {label} | {cells} |", flush=True)


def _descent(name: str, options: dict[str, Any], seed: int) -> list[float]:
    """Проведи подбор; верни лишние потери выбранной точки после каждого бюджета."""
    cls, valley, trials = Plugins().get("optimizer", name), Valley(seed), list[Trial]()
    optimizer, chosen = cls(cls.Config(**options), Valley.space), []
    for number in range(max(BUDGETS)):
        past = make_past(trials, Valley.space, base=Valley.base, current=Valley.base, seed=seed)
        values = optimizer.ask(past)[0].values if trials else Valley.base
        value = valley.measured(values)
        fields: dict[str, Any] = {
            "hparams": values,
            "score": -math.log(value),
            "value": value,
            "parent": None,
        }
        trials.append(make_trial(number, **fields))
        if number + 1 in BUDGETS:
            best = max(trials, key=lambda trial: trial.score or 0.0)
            chosen.append(valley.loss(best.hparams) - 0.1)
    return chosen


def rows(seeds: int) -> Iterator[tuple[str, float, float]]:
    """Посчитай строки таблицы: имя и медианы по зёрнам."""
    yield "constant, best of a grid", *best(partial(constant, seeds), constants())
    yield "greedy, perfect information", *results(greedy, seeds)
    plugins = Plugins()
    for name in ("keep", "random", "cosine", "wsd", "plateau"):
        run = partial(built_in, plugins, name, seeds)
        yield f"{name}, defaults", *run({})
        if grid := _ORACLE.get(name):
            points = [dict(zip(grid, values)) for values in itertools.product(*grid.values())]
            yield f"{name}, best of a grid", *best(run, points)


def built_in(plugins: Plugins, name: str, seeds: int, options: dict[str, Any]) -> Result:
    """Проведи обучение под встроенным оптимизатором."""
    cls = plugins.get("optimizer", name)

    def one(trainer: SimulatedTrainer, seed: int) -> None:
        train(trainer, cls(cls.Config(**options), space_of(trainer)), seed)

    return results(one, seeds)


def constants() -> list[float]:
    return [float(value) for value in np.geomspace(1e-2, 1.1, 20)]


def constant(seeds: int, value: float) -> Result:
    def one(trainer: SimulatedTrainer, seed: int) -> None:
        while not trainer.done:
            trainer.run(value)

    return results(one, seeds)


def greedy(trainer: SimulatedTrainer, seed: int) -> None:
    """Выбирай на каждом отрезке значение с лучшим истинным концом отрезка."""
    sign = 1 if trainer.mode == "max" else -1
    grid = np.geomspace(trainer.low, trainer.high, 15)
    while not trainer.done:
        ends = [(sign * _peek(trainer, float(value)), float(value)) for value in grid]
        trainer.run(max(ends, key=lambda end: end[0])[1])


def _peek(trainer: SimulatedTrainer, value: float) -> float:
    branch = trainer.fork()
    branch.run(value)
    return branch.final


def results(one: Callable[[SimulatedTrainer, int], None], seeds: int) -> Result:
    deceptive = Deceptive()
    one(deceptive, 0)
    finals = []
    for seed in range(seeds):
        quadratic = NoisyQuadratic(seed)
        one(quadratic, seed)
        finals.append(quadratic.final)
    return deceptive.final, statistics.median(finals)


def searched(plugins: Plugins, name: str, seeds: int) -> Result:
    """Подбери постоянное значение; верни медианы лучших исходов по зёрнам."""
    deceptive = [_search(plugins, name, lambda seed: Deceptive(), seed) for seed in range(seeds)]
    quadratic = [_search(plugins, name, NoisyQuadratic, seed) for seed in range(seeds)]
    return statistics.median(deceptive), statistics.median(quadratic)


def _search(
    plugins: Plugins, name: str, make: Callable[[int], SimulatedTrainer], seed: int
) -> float:
    cls, sign = plugins.get("optimizer", name), 1 if make(seed).mode == "max" else -1
    space = space_of(make(seed))
    optimizer, trials = cls(cls.Config(), space), list[Trial]()
    for number in range(SEARCH):
        base = {AXIS: make(seed).start}
        past = make_past(trials, space, base=base, current=base, seed=seed)
        value = float(optimizer.ask(past)[0].values[AXIS])
        trainer = make(seed)
        while not trainer.done:
            trainer.run(value)
        score = trainer.final if sign > 0 else -math.log(trainer.final)
        trials.append(make_trial(number, hparams={AXIS: value}, score=score, value=trainer.final))
    return max((t.value for t in trials if t.value is not None), key=lambda v: sign * v)


def best(run: Callable[[Any], Result], grid: list[Any]) -> Result:
    """Верни лучший исход каждой задачи по сетке."""
    outcomes = [run(point) for point in grid]
    return max(o[0] for o in outcomes), min(o[1] for o in outcomes)


if __name__ == "__main__":
    main()
