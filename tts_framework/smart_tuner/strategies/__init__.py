"""Стратегии: откуда начинать следующий trial и чем кончился последний."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from tts_framework.config import TunerSettings
from tts_framework.smart_tuner.memory import TrialRecord
from tts_framework.smart_tuner.metrics_store import MetricsStore

STARTUP, CONTROL, PROPOSAL = "startup", "control", "proposal"


@dataclass(frozen=True)
class Branch:
    """Где растёт следующий trial: вид, родитель (None — с нуля) и границы в итерациях."""

    kind: str
    parent: TrialRecord | None
    start: int
    end: int


@dataclass(frozen=True)
class Verdict:
    """Итог доучившегося trial: исход, оценка (больше — лучше) и объяснение словами."""

    outcome: str
    reason: str
    value: float | None
    score: float | None
    forecast: float | None = None
    forecast_std: float | None = None


class Strategy(ABC):
    """Правило, по которому запуск движется от trial к trial.

    `bounded` — ограничивать ли шаг learning_rate относительно текущего значения. Длины trial-ов
    план уже округлил: trial кончается чекпоинтом.
    """

    name: ClassVar[str]
    bounded: ClassVar[bool]

    def __init__(self, settings: TunerSettings, store: MetricsStore) -> None:
        self.settings = settings
        self.store = store

    @property
    def trial_iters(self) -> int:
        """Верни длину одного trial после начального, итераций."""
        return self.settings.trial_iters or self.settings.n_startup_iters

    @abstractmethod
    def branch(self) -> Branch:
        """Выбери место следующего trial; вызывается, когда открытого trial нет."""

    @abstractmethod
    def judge(self, record: TrialRecord) -> Verdict:
        """Оцени trial, дошедший до конечной итерации; кривая его не пуста."""

    @abstractmethod
    def advantages(self, record: TrialRecord) -> tuple[tuple[int, float], ...]:
        """Верни (шаг внутри trial, преимущество): сравнимо между trial-ами, больше — лучше."""

    @abstractmethod
    def progress(self) -> float:
        """Верни долю бюджета итераций в [0, 1], уже вложенную в обучение."""
