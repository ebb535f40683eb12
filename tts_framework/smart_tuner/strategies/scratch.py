"""Стратегия scratch: каждый trial — новое обучение с нуля (`resume_from_checkpoint: false`)."""

from __future__ import annotations

from tts_framework.smart_tuner.memory import TrialRecord
from tts_framework.smart_tuner.scoring import worth
from tts_framework.smart_tuner.strategies import PROPOSAL, STARTUP, Branch, Strategy, Verdict
from tts_framework.trials import COMMITTED, ROLLED_BACK


class Scratch(Strategy):
    """Обычный подбор гиперпараметров; фиксируется trial, который лучше всех прежних."""

    name = "scratch"
    bounded = False

    def branch(self) -> Branch:
        kind = PROPOSAL if self.store.memory.trials else STARTUP
        return Branch(kind, None, 0, self.trial_iters)

    def judge(self, record: TrialRecord) -> Verdict:
        objective = self.settings.objective
        value = self.store.curve(record.started.trial)[-1][1]
        score = worth(value, objective.mode)
        best = self.store.memory.head
        if best is None or best.finished is None or best.finished.value is None:
            return Verdict(COMMITTED, f"{objective.metric} {value:.4g}", value, score)
        known, number = best.finished.value, best.started.trial
        better = value < known if objective.mode == "min" else value > known
        word = "improves on" if better else "does not improve on"
        reason = f"{objective.metric} {value:.4g} {word} {known:.4g} of trial {number}"
        return Verdict(COMMITTED if better else ROLLED_BACK, reason, value, score)

    def advantages(self, record: TrialRecord) -> tuple[tuple[int, float], ...]:
        curve = self.store.curve(record.started.trial)
        mode = self.settings.objective.mode
        return tuple((step, worth(value, mode)) for step, value in curve)

    def progress(self) -> float:
        return min(1.0, len(self.store.memory.trials) / self.settings.n_trials)
