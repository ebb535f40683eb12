"""Стратегия continue: цикл спецификации 10.5 с оценкой против прогноза и откатом."""

from __future__ import annotations

import math

from tts_framework.config import TunerSettings
from tts_framework.smart_tuner import scoring
from tts_framework.smart_tuner.memory import TrialRecord
from tts_framework.smart_tuner.metrics_store import MetricsStore
from tts_framework.smart_tuner.strategies import (
    CONTROL,
    PROPOSAL,
    STARTUP,
    Branch,
    Strategy,
    Verdict,
)
from tts_framework.trials import COMMITTED, ROLLED_BACK

WINDOW = 12
"""Сколько последних оценок ветви входит в прогноз."""
CONTROLS = 8
"""По скольким последним контрольным trial-ам поправляется прогноз."""


class Continue(Strategy):
    """Останавливает обучение, меняет значения и продолжает с последнего чекпоинта ветви."""

    name = "continue"
    bounded = True

    def __init__(self, settings: TunerSettings, store: MetricsStore) -> None:
        super().__init__(settings, store)
        self._advantages: dict[int, tuple[tuple[int, float], ...]] = {}

    def branch(self) -> Branch:
        memory = self.store.memory
        head = memory.head
        if head is None or head.finished is None:
            kind = STARTUP if not memory.trials else PROPOSAL
            return Branch(kind, None, 0, self.settings.n_startup_iters)
        start = head.finished.end_iteration
        kind = CONTROL if self._control_is_due() else PROPOSAL
        return Branch(kind, head, start, start + self.trial_iters)

    def judge(self, record: TrialRecord) -> Verdict:
        metric, mode = self.settings.objective.metric, self.settings.objective.mode
        curve = self.store.curve(record.started.trial)
        value = curve[-1][1]
        window = self._window(record)
        if not window:
            reason = f"{metric} {value:.4g} after the first {curve[-1][0]} iterations"
            return Verdict(COMMITTED, reason, value, 0.0)
        advantages = self.advantages(record)
        z = self._calibration().apply(scoring.settled(advantages))
        scale = scoring.Scale(mode, [v for _, v in (*window, *curve)])
        ahead = scoring.forecast(window, [curve[-1][0]], scale)
        level = float(ahead.mean[0])
        expected = math.exp(level) if scale.log else scale.sign * level
        judged = len(advantages) - len(advantages) // 2
        text = f"{metric} {value:.4g} at the end, forecast {expected:.4g}"
        text += f"; z = {z:+.2f} over the last {judged} evaluation(s)"
        worse = record.started.kind == PROPOSAL and z < -self.settings.rollback_z
        outcome = ROLLED_BACK if worse else COMMITTED
        if worse:
            text += f" is below -{self.settings.rollback_z:g}"
        return Verdict(outcome, text, value, z, expected, float(ahead.std[0]))

    def advantages(self, record: TrialRecord) -> tuple[tuple[int, float], ...]:
        number = record.started.trial
        if number not in self._advantages or record.finished is None:
            self._advantages[number] = self._compute_advantages(record)
        return self._advantages[number]

    def progress(self) -> float:
        head = self.store.memory.head
        done = head.finished.end_iteration if head and head.finished else 0
        total = self.settings.n_startup_iters + (self.settings.n_trials - 1) * self.trial_iters
        return min(1.0, done / total)

    def _compute_advantages(self, record: TrialRecord) -> tuple[tuple[int, float], ...]:
        start = record.started.start_iteration
        curve, window = self.store.curve(record.started.trial), self._window(record)
        if not window:
            return tuple((step - start, 0.0) for step, _ in curve)
        points = scoring.advantages(window, curve, self.settings.objective.mode)
        return tuple((step - start, z) for step, z in points)

    def _window(self, record: TrialRecord) -> list[tuple[int, float]]:
        """Верни последние оценки ветви, ведущей к родителю trial."""
        points: list[tuple[int, float]] = []
        parent = record.started.parent
        while parent is not None and len(points) < WINDOW:
            points = [*self.store.curve(parent), *points]
            parent = self.store.memory.trials[parent].started.parent
        return points[-WINDOW:]

    def _calibration(self) -> scoring.Calibration:
        controls = [
            record
            for record in self.store.memory.closed
            if record.started.kind == CONTROL
            and record.finished is not None
            and record.finished.outcome == COMMITTED
        ]
        return scoring.Calibration.from_controls(
            [scoring.settled(self.advantages(record)) for record in controls[-CONTROLS:]]
        )

    def _control_is_due(self) -> bool:
        every = self.settings.control_every
        since = 0
        for record in reversed(self.store.memory.trials):
            if record.started.kind in (CONTROL, STARTUP):
                break
            since += 1
        return every > 0 and since >= every - 1
