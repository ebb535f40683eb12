"""max_runtime: время запуска вышло (спецификация 10.6)."""

from __future__ import annotations

from pydantic import Field

from tts_framework.components import Options, Stopper
from tts_framework.hookspecs import hookimpl
from tts_framework.trials import Past, Trial


class MaxRuntime(Stopper):
    """Останавливает по сумме часов работы; перерывы между запусками не считаются."""

    class Config(Options):
        """Предел времени."""

        max_runtime_hours: float = Field(gt=0, description="Предел времени, ч.")

    config: Config

    def stop_trial(self, trial: Trial, past: Past) -> str | None:
        return self.stop_tuning(past)

    def stop_tuning(self, past: Past) -> str | None:
        hours, limit = past.seconds / 3600, self.config.max_runtime_hours
        return f"{hours:.2f} h of {limit:g} h spent" if hours >= limit else None


@hookimpl
def ttsf_stopper() -> type[Stopper]:
    return MaxRuntime
