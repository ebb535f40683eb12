"""patience: целевая метрика не улучшается (спецификация 10.6)."""

from __future__ import annotations

import math

from pydantic import Field

from tts_framework.components import Options, Stopper
from tts_framework.hookspecs import hookimpl
from tts_framework.trials import Past, Trial


class Patience(Stopper):
    """Останавливает, если ветвь не улучшилась больше чем на `min_delta` за `patience` trial-ов.

    Улучшить может только зафиксированный trial; контрольные, откаченные и прерванные — такие же
    тюнинг-итерации и терпение расходуют.
    """

    class Config(Options):
        """Сколько терпеть и что считать улучшением."""

        patience: int = Field(5, ge=1, description="Trial-ов подряд без улучшения.")
        min_delta: float = Field(0.001, ge=0, description="Меньшее улучшение не считается.")

    config: Config

    def stop_tuning(self, past: Past) -> str | None:
        waited, best = self._waited(past)
        if best is None or waited < self.config.patience:
            return None
        return (
            f"no improvement above {self.config.min_delta:g} in {waited} trials in a row:"
            f" the best is still {best.value:.6g} of trial {best.number}"
        )

    def _waited(self, past: Past) -> tuple[int, Trial | None]:
        """Верни, сколько завершённых trial-ов прошло после лучшего, и его самого."""
        best: Trial | None = None
        waited = 0
        committed = set(past.lineage)
        for trial in past.trials:
            if trial.outcome is None:
                continue
            if trial.number in committed and self._improves(trial, best, past):
                best, waited = trial, 0
            else:
                waited += 1
        return waited, best

    def _improves(self, trial: Trial, best: Trial | None, past: Past) -> bool:
        if trial.value is None or not math.isfinite(trial.value):
            return False
        if best is None or best.value is None:
            return True
        return past.gain(trial.value, best.value) > self.config.min_delta


@hookimpl
def ttsf_stopper() -> type[Stopper]:
    return Patience
