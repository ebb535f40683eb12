"""Симулированные тренеры: секунды процессора вместо часов обучения.

На них видно, чего стоит оптимизатор или стратегия (reference/tuning.md, раздел 3): обучение идёт
отрезками, на каждый отрезок выбирают одно значение, жадный выбор на обоих проигрывает.

    trainer = NoisyQuadratic(seed=0)
    while not trainer.done:
        objective = trainer.run(0.1)
    print(trainer.final)

`fork` — то же, что ветвь с чекпоинта: копия видит те же шум и порядок данных.
"""

from __future__ import annotations

import copy
from typing import ClassVar, Protocol, Self

import numpy as np

from tts_framework.components import Optimizer
from tts_framework.space import Parameter, Space
from tts_framework.trials import COMMITTED, Past, Trial

AXIS = "learning_rate"


class SimulatedTrainer(Protocol):
    """Обучение из `segments` отрезков с одним значением в [`low`, `high`]."""

    segments: ClassVar[int]
    low: ClassVar[float]
    high: ClassVar[float]
    start: ClassVar[float]
    mode: ClassVar[str]
    segment: int

    @property
    def done(self) -> bool:
        """Скажи, весь ли бюджет отрезков истрачен."""

    @property
    def final(self) -> float:
        """Верни истинное (без шума оценки) значение цели на последнем шаге."""

    def run(self, value: float) -> float:
        """Проведи один отрезок с этим значением; верни оценку цели в его конце."""

    def fork(self) -> Self:
        """Верни независимую копию с тем же состоянием и тем же будущим шумом."""


class Deceptive:
    """Обманчивая задача: ближайший выигрыш манит к нулю и портит всё, что дальше.

    Цель 1.2 - θ² максимизируется, оптимум 1.198 — значение, линейно падающее с 1 до 0.
    """

    segments: ClassVar[int] = 50
    low: ClassVar[float] = 1e-4
    high: ClassVar[float] = 1.1
    start: ClassVar[float] = 1.0
    mode: ClassVar[str] = "max"

    def __init__(self) -> None:
        self.segment = 0
        self.final = 1.2 - 0.9**2
        self._theta = 0.9
        self._strayed = 0.0

    @property
    def done(self) -> bool:
        return self.segment >= self.segments

    def run(self, value: float) -> float:
        self._strayed += abs(value - (1 - self.segment / self.segments))
        rate = max(2 - value - 0.2 * self._strayed, 0.0)
        for _ in range(20):
            self.final = 1.2 - self._theta**2
            self._theta -= 0.002 * rate * self._theta
        self.segment += 1
        return self.final

    def fork(self) -> Self:
        return copy.copy(self)


class NoisyQuadratic:
    """SGD на зашумлённой квадратичной форме: значение — шаг обучения, цель — лишние потери.

    100 измерений с кривизной h от 1 до 1e-3; оптимум каждого шага сдвинут шумом дисперсии
    0.01 / h, так что большой шаг скор, но не даёт осесть. Оценка несёт 2% шума.
    """

    segments: ClassVar[int] = 100
    low: ClassVar[float] = 1e-4
    high: ClassVar[float] = 1.6
    start: ClassVar[float] = 0.5
    mode: ClassVar[str] = "min"

    _steps = 20
    _curvature = np.logspace(0, -3, 100)
    _spread = np.sqrt(0.01 / _curvature)

    def __init__(self, seed: int = 0) -> None:
        self.segment = 0
        self._seed = seed
        self._theta = np.random.default_rng([seed]).standard_normal(self._curvature.size)

    @property
    def done(self) -> bool:
        return self.segment >= self.segments

    @property
    def final(self) -> float:
        return float(0.5 * (self._curvature * self._theta**2).sum())

    def run(self, value: float) -> float:
        rng = np.random.default_rng([self._seed, self.segment])
        targets = self._spread * rng.standard_normal((self._steps, self._curvature.size))
        theta = self._theta
        for target in targets:
            theta = theta - value * self._curvature * (theta - target)
        self._theta = theta
        self.segment += 1
        return self.final * float(1 + 0.02 * rng.standard_normal())

    def fork(self) -> Self:
        return copy.copy(self)


def space_of(trainer: SimulatedTrainer) -> Space:
    """Построй пространство из одной оси `learning_rate`."""
    return Space({AXIS: Parameter(AXIS, "loguniform", trainer.low, trainer.high)})


def train(trainer: SimulatedTrainer, optimizer: Optimizer, seed: int = 0) -> tuple[Trial, ...]:
    """Проведи всё обучение, спрашивая оптимизатор перед каждым отрезком; верни его trial-ы.

    Самый простой цикл: каждый отрезок зафиксирован, ни оценок, ни откатов.
    """
    base = {AXIS: trainer.start}
    trials: tuple[Trial, ...] = ()
    while not trainer.done:
        past = Past(
            trials,
            optimizer.space,
            current=trials[-1].hparams if trials else base,
            base=base,
            seed=seed,
            n_trials=trainer.segments,
            mode=trainer.mode,
            progress=trainer.segment / trainer.segments,
            lineage=tuple(range(len(trials))),
        )
        values = optimizer.ask(past)[0].values
        trials += (_trial(len(trials), values, trainer.run(float(values[AXIS]))),)
    return trials


def _trial(number: int, values: dict[str, float | int | str | bool], objective: float) -> Trial:
    return Trial(
        number=number,
        kind="proposal",
        parent=number - 1 if number else None,
        hparams=values,
        start_iteration=20 * number,
        end_iteration=20 * (number + 1),
        outcome=COMMITTED,
        value=objective,
    )
