"""optuna: сэмплеры и прунеры библиотеки Optuna, настроенные на десятки, а не на сотни оценок."""

from __future__ import annotations

from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from tts_framework.components import Optimizer, Options, Proposal
from tts_framework.errors import TTSFError
from tts_framework.hookspecs import hookimpl
from tts_framework.space import Space
from tts_framework.trials import Past, Trial

if TYPE_CHECKING:
    from ttsf_optuna_engine.engine import Engine
    from ttsf_optuna_engine.pruning import Pruning


_NEEDED = {"gp": ("torch", "scipy"), "cmaes": ("cmaes",), "qmc": ("scipy",), "wilcoxon": ("scipy",)}


class OptunaEngine(Optimizer):
    """Предлагает точки сэмплером Optuna и прерывает безнадёжные trial-ы.

    Исследование Optuna собирается из прошлого заново при каждом вопросе и нигде не хранится.
    """

    class Config(Options):
        """Настройки сэмплера и прунера."""

        sampler: Literal["tpe", "gp", "cmaes", "nsga2", "random", "qmc"] = Field(
            "tpe", description="Кто предлагает точки."
        )
        n_startup_trials: int = Field(
            4, ge=1, description="Оценённых trial-ов до начала TPE и GP; до них точки случайны."
        )
        window: int = Field(
            50, ge=4, description="Сколько последних trial-ов учитывать: старые устаревают."
        )
        gp_max_trials: int = Field(
            60,
            ge=10,
            description="Сколько trial-ов окна видит GP: лучшие, последние и прочие через шаг.",
        )
        n_ei_candidates: int = Field(
            24, ge=1, description="Точек-кандидатов TPE на одно предложение."
        )
        population: int | None = Field(
            None,
            ge=4,
            description="Точек в поколении CMA-ES и NSGA-II; по умолчанию 4 + ln(число осей) и 8.",
        )
        pruner: Literal["hyperband", "median", "percentile", "wilcoxon", "none"] = Field(
            "hyperband", description="Кто прерывает идущий trial."
        )
        reduction_factor: int = Field(
            3, ge=2, description="Hyperband: на каждой ступени остаётся один trial из стольких."
        )
        brackets: int = Field(
            2, ge=1, le=6, description="Hyperband: скобок; первая ступень — самая ранняя из них."
        )
        percentile: float = Field(
            25.0, gt=0, lt=100, description="Percentile: такая доля лучших, %, не прерывается."
        )
        p_threshold: float = Field(
            0.1, gt=0, lt=1, description="Wilcoxon: прервать при p-значении ниже этого."
        )
        spare_above: float = Field(
            -1.0,
            description="Trial, продолжающий чекпоинт, с преимуществом выше этого не прерывать.",
        )

    config: Config

    def __init__(self, config: Config, space: Space) -> None:
        super().__init__(config, space)
        for option in ("sampler", "pruner"):
            _check_installed(option, getattr(config, option))

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


def _check_installed(option: str, name: str) -> None:
    """Найди библиотеки сэмплера или прунера, не импортируя их."""
    for module in _NEEDED.get(name, ()):
        if find_spec(module) is None:
            raise TTSFError(
                f"{option} {name} needs {module}, which is not installed;"
                f" pip install 'ttsf-optuna-engine[{name}]'"
            )


@hookimpl
def ttsf_optimizer() -> type[Optimizer]:
    return OptunaEngine
