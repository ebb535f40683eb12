"""Части подстройки: хранилище, оптимизатор, стоппер."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tts_framework.components.base import Component
from tts_framework.events import Event, Metric, Value
from tts_framework.space import Space
from tts_framework.trials import Past, Trial


class Store(Component):
    """Единственная память запуска: измерения и события, переживающие kill -9."""

    def __init__(self, config: Any, folder: Path) -> None:
        self.config = config
        self.folder = folder

    @abstractmethod
    def append(self, event: Event) -> None:
        """Запиши событие; к возврату оно уже на диске."""

    @abstractmethod
    def events(self) -> Iterator[Event]:
        """Верни все события в порядке записи."""

    @abstractmethod
    def add_metrics(self, trial: int, metrics: Iterable[Metric]) -> list[Metric]:
        """Запиши измерения и верни только новые: (trial, tag, step) встречается однажды."""

    @abstractmethod
    def metrics(self, trial: int, tag: str) -> list[Metric]:
        """Верни измерения одного тега одного trial по возрастанию шага."""

    @abstractmethod
    def tags(self, trial: int) -> list[str]:
        """Верни имена тегов, записанных за trial."""

    @abstractmethod
    def close(self) -> None:
        """Закрой хранилище; повторный вызов безвреден."""


@dataclass(frozen=True)
class Proposal:
    """Предложенные значения осей пространства и объяснение выбора словами."""

    values: dict[str, Value]
    note: str = ""


class Optimizer(Component):
    """Предлагает значения; без собственного состояния: ответ зависит только от прошлого."""

    def __init__(self, config: Any, space: Space) -> None:
        self.config = config
        self.space = space

    @abstractmethod
    def ask(self, past: Past, n: int = 1) -> list[Proposal]:
        """Предложи `n` точек; случайность — только от (`past.seed`, `past.decision`)."""

    def prune(self, trial: Trial, past: Past) -> str | None:
        """Верни причину прервать идущий trial или None; вызывается после каждой оценки."""
        return None


class Stopper(Component):
    """Решает, не пора ли остановиться; причина — словами, не булево значение."""

    def __init__(self, config: Any) -> None:
        self.config = config

    def stop_trial(self, trial: Trial, past: Past) -> str | None:
        """Верни причину прервать идущий trial или None."""
        return None

    def stop_tuning(self, past: Past) -> str | None:
        """Верни причину закончить подстройку или None; смотри только на зафиксированную ветвь."""
        return None
