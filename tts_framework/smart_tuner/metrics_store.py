"""MetricsStore: то, о чём цикл подстройки может спросить хранилище (спецификация 10.2)."""

from __future__ import annotations

import math
from collections.abc import Iterable

from tts_framework.components import Store
from tts_framework.events import Event, Metric
from tts_framework.smart_tuner.memory import Memory


class MetricsStore:
    """Единственный путь цикла к хранилищу: события — сначала на диск, потом в память."""

    def __init__(self, store: Store, objective: str) -> None:
        self._store = store
        self.objective = objective
        self.memory = Memory()
        for event in store.events():
            self.memory.apply(event)

    def record(self, event: Event) -> Event:
        """Запиши событие (если оно долговечное) и учти его; верни его же."""
        if event.durable:
            self._store.append(event)
        self.memory.apply(event)
        return event

    def add(self, trial: int, metrics: Iterable[Metric]) -> tuple[Metric, ...]:
        """Запиши измерения; верни те, которых ещё не было."""
        return tuple(self._store.add_metrics(trial, metrics))

    def curve(self, trial: int, metric: str | None = None) -> tuple[tuple[int, float], ...]:
        """Верни (итерация, метрика) одного trial по возрастанию итерации; по умолчанию — целевая.

        Чужой тренер успевает уйти дальше конца trial; эти точки не от чекпоинта trial и не в счёт.
        """
        record = self.memory.trials[trial]
        end = record.started.end_iteration
        if record.finished is not None:
            end = max(end, record.finished.end_iteration)
        metrics = self._store.metrics(trial, metric or self.objective)
        return tuple((m.step, m.value) for m in metrics if m.step <= end)

    def reached(self, trial: int) -> int:
        """Верни итерацию последней оценки trial; 0, если их ещё нет."""
        metrics = self._store.metrics(trial, self.objective)
        return metrics[-1].step if metrics else 0

    def series(self, trial: int, tag: str) -> list[Metric]:
        """Верни все измерения тега за trial."""
        return self._store.metrics(trial, tag)

    def step_at(self, trial: int, when: float) -> int:
        """Верни последний шаг, записанный к этому времени (Unix, с); -1, если записей нет."""
        series = (self._store.metrics(trial, tag) for tag in self._store.tags(trial))
        return max((m.step for found in series for m in found if m.wall_time <= when), default=-1)

    def diverged(self, trial: int) -> Metric | None:
        """Найди первое нечисловое значение потерь или целевой метрики trial."""
        tags = dict.fromkeys((self.objective, "training.loss"))
        return self.not_finite(m for tag in tags for m in self._store.metrics(trial, tag))

    def not_finite(self, metrics: Iterable[Metric]) -> Metric | None:
        """Найди среди измерений нечисловое значение потерь или целевой метрики."""
        watched = (self.objective, "training.loss")
        return next((m for m in metrics if m.tag in watched and not math.isfinite(m.value)), None)
