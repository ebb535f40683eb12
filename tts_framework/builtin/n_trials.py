"""n_trials: проведено столько trial-ов, сколько разрешено (спецификация 10.4)."""

from __future__ import annotations

from pydantic import Field

from tts_framework.components import Options, Stopper
from tts_framework.hookspecs import hookimpl
from tts_framework.trials import Past


class NTrials(Stopper):
    """Останавливает по числу завершённых trial-ов, чем бы они ни кончились."""

    class Config(Options):
        """Предел числа trial-ов."""

        n_trials: int = Field(50, ge=1, description="Сколько trial-ов самое большее.")

    config: Config

    def stop_tuning(self, past: Past) -> str | None:
        done = sum(trial.outcome is not None for trial in past.trials)
        limit = self.config.n_trials
        return f"{done} of {limit} trials done" if done >= limit else None


@hookimpl
def ttsf_stopper() -> type[Stopper]:
    return NTrials
