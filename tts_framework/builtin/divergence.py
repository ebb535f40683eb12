"""divergence: обучение расходится, какие значения ни возьми."""

from __future__ import annotations

import math

from pydantic import Field

from tts_framework.components import Options, Stopper
from tts_framework.hookspecs import hookimpl
from tts_framework.trials import DIVERGED, FAILED, Past, Trial


class Divergence(Stopper):
    """Прерывает trial, чья метрика перестала быть числом; останавливает после серии таких."""

    class Config(Options):
        """Длина серии."""

        max_divergences: int = Field(3, ge=1, description="Расхождений подряд.")

    config: Config

    def stop_trial(self, trial: Trial, past: Past) -> str | None:
        if not trial.curve or math.isfinite(trial.curve[-1][1]):
            return None
        step, value = trial.curve[-1]
        return f"the objective is {value} at step {step} of the trial"

    def stop_tuning(self, past: Past) -> str | None:
        diverged = past.streak(DIVERGED, ignoring=FAILED)
        if len(diverged) < self.config.max_divergences:
            return None
        return f"{len(diverged)} trials diverged in a row; the last one: {diverged[-1].reason}"


@hookimpl
def ttsf_stopper() -> type[Stopper]:
    return Divergence
