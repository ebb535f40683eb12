"""cmaes: CMA-ES с запасом для целых и категорий, настроенный на 10-60 оценок."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pydantic import Field

from tts_framework.components import Optimizer, Options, Proposal
from tts_framework.hookspecs import hookimpl
from tts_framework.space import Space
from tts_framework.trials import Past

if TYPE_CHECKING:
    from ttsf_cmaes_engine.engine import Engine


class CmaesEngine(Optimizer):
    """Предлагает точки поколениями; первое — вокруг исходных значений.

    Распределение восстанавливается из прошлого при каждом вопросе и нигде не хранится.
    """

    class Config(Options):
        """Настройки эволюционной стратегии."""

        population: int | None = Field(
            None, ge=4, description="Точек в поколении; по умолчанию 4 + ln(число осей), вниз."
        )
        sigma: float = Field(
            0.25, gt=0, le=1, description="Начальный шаг: доля размаха каждой оси в её шкале."
        )
        window: int = Field(
            120,
            ge=20,
            description="Через столько trial-ов поиск начинается заново вокруг лучшей точки.",
        )

    config: Config

    def __init__(self, config: Config, space: Space) -> None:
        super().__init__(config, space)

    def ask(self, past: Past, n: int = 1) -> list[Proposal]:
        return self._engine.ask(past, n)

    @cached_property
    def _engine(self) -> Engine:
        from ttsf_cmaes_engine.engine import Engine

        return Engine(self.config, self.space)


@hookimpl
def ttsf_optimizer() -> type[Optimizer]:
    return CmaesEngine
