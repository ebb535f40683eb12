"""Несколько целей: значения и оценки каждой и фронт Парето.

Решает первая цель; остальные измерены по тем же правилам: продолжение чекпоинта — против прогноза
по точкам ветви (`scoring`), обучение с нуля — по последнему значению.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tts_framework.config import Objective, TunerSettings
from tts_framework.smart_tuner import scoring
from tts_framework.smart_tuner.memory import TrialRecord
from tts_framework.smart_tuner.metrics_store import MetricsStore

WINDOW = 12
"""Сколько последних точек ветви входит в прогноз."""


@dataclass(frozen=True)
class Measured:
    """Последние значения целей одного trial и их оценки; чего не измерили, того нет."""

    values: Mapping[str, float] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)


class Objectives:
    """Измеряет все цели запуска по хранилищу."""

    def __init__(self, settings: TunerSettings, store: MetricsStore) -> None:
        self._goals = settings.goals
        self._continues = settings.resume_from_checkpoint
        self._store = store

    def measure(self, record: TrialRecord) -> Measured:
        """Измерь trial; у открытого — по тому, что уже записано. Первую цель оценивает цикл."""
        values, scores = dict[str, float](), dict[str, float]()
        for index, goal in enumerate(self._goals):
            curve = self._store.curve(record.started.trial, goal.metric)
            if not curve or not math.isfinite(curve[-1][1]):
                continue
            values[goal.metric] = curve[-1][1]
            if index > 0:
                scores[goal.metric] = self._score(record, goal, curve)
        finished = record.finished
        if finished is not None and finished.score is not None:
            scores[self._goals[0].metric] = finished.score
        return Measured(values, scores)

    def _score(self, record: TrialRecord, goal: Objective, curve: scoring.Curve) -> float:
        if not self._continues:
            return scoring.worth(curve[-1][1], goal.mode)
        window = [point for point in self._window(record, goal) if math.isfinite(point[1])]
        if not window:
            return 0.0
        return scoring.settled(scoring.advantages(window, curve, goal.mode))

    def _window(self, record: TrialRecord, goal: Objective) -> list[tuple[int, float]]:
        points: list[tuple[int, float]] = []
        parent = record.started.parent
        while parent is not None and len(points) < WINDOW:
            points = [*self._store.curve(parent, goal.metric), *points]
            parent = self._store.memory.trials[parent].started.parent
        return points[-WINDOW:]


def pareto_front(
    values: Mapping[int, Mapping[str, float]], goals: Sequence[tuple[str, str]]
) -> list[int]:
    """Верни номера недоминируемых trial-ов по возрастанию.

    `goals` — пары (метрика, направление); trial без конечного значения хоть одной цели не в счёт.
    """
    signed = {
        number: tuple(
            measured[metric] if mode == "min" else -measured[metric] for metric, mode in goals
        )
        for number, measured in values.items()
        if all(math.isfinite(measured.get(metric, math.nan)) for metric, _ in goals)
    }
    return sorted(
        number
        for number, point in signed.items()
        if not any(_dominates(other, point) for other in signed.values())
    )


def _dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))
