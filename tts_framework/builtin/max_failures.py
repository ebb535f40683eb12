"""max_failures: тренер раз за разом падает, и новые значения этого не лечат."""

from __future__ import annotations

from pydantic import Field

from tts_framework.components import Options, Stopper
from tts_framework.hookspecs import hookimpl
from tts_framework.trials import DIVERGED, FAILED, Past


class MaxFailures(Stopper):
    """Останавливает после неудачных trial-ов подряд; расхождения серию не прерывают."""

    class Config(Options):
        """Длина серии."""

        max_failures: int = Field(3, ge=1, description="Неудачных trial-ов подряд.")

    config: Config

    def stop_tuning(self, past: Past) -> str | None:
        failed = past.streak(FAILED, ignoring=DIVERGED)
        if len(failed) < self.config.max_failures:
            return None
        return f"{len(failed)} trials failed in a row; the last one: {failed[-1].reason}"


@hookimpl
def ttsf_stopper() -> type[Stopper]:
    return MaxFailures
