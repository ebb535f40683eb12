"""plateau: learning_rate падает, когда целевая метрика встала (ReduceLROnPlateau)."""

from __future__ import annotations

import math

from pydantic import Field

from tts_framework.builtin.schedule import ScheduleOptions, scheduled, scheduled_axis
from tts_framework.components import Optimizer, Proposal
from tts_framework.hookspecs import hookimpl
from tts_framework.space import Space
from tts_framework.trials import Past, Trial


class Plateau(Optimizer):
    """Умножает значение оси на `factor`, если `patience` trial-ов подряд не дали улучшения."""

    class Config(ScheduleOptions):
        """Когда и насколько снижать."""

        factor: float = Field(0.5, gt=0, lt=1, description="Множитель снижения.")
        patience: int = Field(
            2, ge=0, description="Сколько trial-ов подряд без улучшения терпеть до снижения."
        )
        min_delta: float = Field(
            1e-3, ge=0, description="Меньшее относительное улучшение не считается."
        )

    config: Config

    def __init__(self, config: Config, space: Space) -> None:
        super().__init__(config, space)
        self.axis = scheduled_axis(space, config.parameter, "plateau")

    def ask(self, past: Past, n: int = 1) -> list[Proposal]:
        current = float(past.current[self.axis.name])
        stalled = self._stalled(past, current)
        note = f"plateau: {stalled} trials in a row without improvement"
        if stalled > self.config.patience:
            return scheduled(past, self.axis, current * self.config.factor, f"{note}, reduced", n)
        return scheduled(past, self.axis, current, f"{note}, kept", n)

    def _stalled(self, past: Past, current: float) -> int:
        """Сосчитай последние trial-ы при текущем значении, не улучшившие зафиксированную ветвь."""
        best: float | None = None
        stalled = 0
        committed = set(past.lineage)
        for trial in past.trials:
            if trial.outcome is None:
                continue
            improved = trial.number in committed and self._improves(trial, best, past)
            best = trial.value if improved else best
            at_current = trial.hparams.get(self.axis.name) == current
            stalled = 0 if improved or not at_current else stalled + 1
        return stalled

    def _improves(self, trial: Trial, best: float | None, past: Past) -> bool:
        if trial.value is None or not math.isfinite(trial.value):
            return False
        return best is None or past.gain(trial.value, best) > self.config.min_delta * abs(best)


@hookimpl
def ttsf_optimizer() -> type[Optimizer]:
    return Plateau
