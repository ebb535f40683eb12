"""min_learning_rate: шаг обучения стал так мал, что учить дальше нечем (спецификация 10.6)."""

from __future__ import annotations

from pydantic import Field

from tts_framework.components import Options, Stopper
from tts_framework.hookspecs import hookimpl
from tts_framework.trials import Past

_ROUNDING = 1e-9


class MinLearningRate(Stopper):
    """Останавливает, когда значение головы ветви опустилось до порога."""

    class Config(Options):
        """Порог."""

        min_learning_rate: float = Field(1e-6, gt=0, description="Порог learning_rate.")
        parameter: str = Field("learning_rate", description="Имя гиперпараметра.")

    config: Config

    def stop_tuning(self, past: Past) -> str | None:
        name, minimum = self.config.parameter, self.config.min_learning_rate
        value = past.current.get(name)
        if not isinstance(value, int | float) or value > minimum * (1 + _ROUNDING):
            return None
        return f"{name} {value:g} reached the minimum {minimum:g}"


@hookimpl
def ttsf_stopper() -> type[Stopper]:
    return MinLearningRate
