"""optuna: TPE и Hyperband библиотеки Optuna, настроенные на десятки, а не на сотни оценок."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from tts_framework.components import Optimizer, Options, Proposal
from tts_framework.hookspecs import hookimpl
from tts_framework.space import Space
from tts_framework.trials import Past, Trial

if TYPE_CHECKING:
    from ttsf_optuna_engine.engine import Engine
    from ttsf_optuna_engine.pruning import Pruning


class OptunaEngine(Optimizer):
    """Предлагает точки сэмплером TPE и прерывает безнадёжные trial-ы.

    Исследование Optuna собирается из прошлого заново при каждом вопросе и нигде не хранится.
    """

    class Config(Options):
        """Настройки TPE и прунера."""

        n_startup_trials: int = Field(
            4, ge=1, description="Оценённых trial-ов до начала TPE; до них точки случайны."
        )
        window: int = Field(
            50, ge=4, description="Сколько последних trial-ов учитывать: старые устаревают."
        )
        n_ei_candidates: int = Field(
            24, ge=1, description="Точек-кандидатов TPE на одно предложение."
        )
        pruner: Literal["hyperband", "median", "none"] = Field(
            "hyperband", description="Кто прерывает идущий trial."
        )
        reduction_factor: int = Field(
            3, ge=2, description="Hyperband: на каждой ступени остаётся один trial из стольких."
        )
        brackets: int = Field(
            2, ge=1, le=6, description="Hyperband: скобок; первая ступень — самая ранняя из них."
        )
        spare_above: float = Field(
            -1.0,
            description="Trial, продолжающий чекпоинт, с преимуществом выше этого не прерывать.",
        )

    config: Config

    def __init__(self, config: Config, space: Space) -> None:
        super().__init__(config, space)

    def ask(self, past: Past, n: int = 1) -> list[Proposal]:
        return self._engine.ask(past, n)

    def prune(self, trial: Trial, past: Past) -> str | None:
        return None if self.config.pruner == "none" else self._pruning.reason(trial, past)

    @cached_property
    def _engine(self) -> Engine:
        from ttsf_optuna_engine.engine import Engine

        return Engine(self.config, self.space)

    @cached_property
    def _pruning(self) -> Pruning:
        from ttsf_optuna_engine.pruning import Pruning

        return Pruning(self.config)


@hookimpl
def ttsf_optimizer() -> type[Optimizer]:
    return OptunaEngine
