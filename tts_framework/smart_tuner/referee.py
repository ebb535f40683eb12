"""Referee: все, кто вправе прервать идущий trial, за одним столом."""

from __future__ import annotations

from tts_framework.smart_tuner.early_stop import EarlyStopController
from tts_framework.smart_tuner.memory import TrialRecord
from tts_framework.smart_tuner.optimization_engine import OptimizationEngine
from tts_framework.smart_tuner.past import PastBuilder


class StopRequest:
    """Просьба человека остановиться; ставится обработчиком сигнала, читается циклом."""

    def __init__(self) -> None:
        self.reason = ""

    def ask(self, reason: str) -> None:
        """Попроси остановиться при первой возможности."""
        self.reason = reason


class Referee:
    """Отвечает на вопрос «продолжать ли этот trial» причиной словами."""

    def __init__(
        self,
        engine: OptimizationEngine,
        early_stop: EarlyStopController,
        past: PastBuilder,
        request: StopRequest,
    ) -> None:
        self._engine = engine
        self._early_stop = early_stop
        self._past = past
        self._request = request

    @property
    def interrupted(self) -> str:
        """Верни причину остановки по просьбе человека; пусто — просьбы не было."""
        return self._request.reason

    def prune(self, record: TrialRecord) -> str | None:
        """Спроси оптимизатор, не безнадёжен ли trial; начальный и контрольный не прерываются."""
        if record.started.kind != "proposal":
            return None
        return self._engine.prune(self._past.trial(record), self._past.build())

    def stop_trial(self, record: TrialRecord) -> str | None:
        """Спроси стопперы."""
        return self._early_stop.stop_trial(self._past.trial(record), self._past.build())
