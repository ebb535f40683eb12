"""wsd: разогрев, плато, спад (warmup-stable-decay; Hu et al., 2404.06395)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

from pydantic import Field, model_validator

from tts_framework.builtin.schedule import CurveOptions, peak_of, scheduled, scheduled_axis
from tts_framework.components import Optimizer, Proposal
from tts_framework.hookspecs import hookimpl
from tts_framework.space import Space
from tts_framework.trials import Past

_WARMUP_FROM = 0.1
_SHAPES: dict[str, Callable[[float, float], float]] = {
    "linear": lambda x, final: final + (1 - final) * (1 - x),
    "sqrt": lambda x, final: final + (1 - final) * (1 - math.sqrt(x)),
    "exponential": lambda x, final: final**x,
}


class WSD(Optimizer):
    """Держит одну ось на вершине и опускает в конце бюджета."""

    class Config(CurveOptions):
        """Доли бюджета итераций, отведённые на разогрев и спад."""

        warmup: float = Field(0.05, ge=0, lt=1, description="Доля бюджета на разогрев.")
        decay: float = Field(0.3, gt=0, le=1, description="Доля бюджета на спад в конце.")
        shape: Literal["linear", "sqrt", "exponential"] = Field(
            "exponential", description="Форма спада; sqrt — это 1 - sqrt(x) из 2405.18392."
        )

        @model_validator(mode="after")
        def _fits(self) -> WSD.Config:
            if self.warmup + self.decay > 1:
                raise ValueError(
                    f"warmup {self.warmup:g} + decay {self.decay:g} is above 1; shorten one"
                )
            if self.shape == "exponential" and self.final == 0:
                raise ValueError("final 0 is out of an exponential's reach; use a small fraction")
            return self

    config: Config

    def __init__(self, config: Config, space: Space) -> None:
        super().__init__(config, space)
        self.axis = scheduled_axis(space, config.parameter, "wsd")

    def ask(self, past: Past, n: int = 1) -> list[Proposal]:
        phase, level = self._phase(past.progress)
        value = peak_of(self.config, past, self.axis) * level
        note = f"wsd {phase} at {past.progress:.0%} of the budget"
        return scheduled(past, self.axis, value, note, n)

    def _phase(self, progress: float) -> tuple[str, float]:
        config = self.config
        if progress < config.warmup:
            return "warm-up", _WARMUP_FROM + (1 - _WARMUP_FROM) * progress / config.warmup
        fallen = (progress - (1 - config.decay)) / config.decay
        if fallen <= 0:
            return "plateau", 1.0
        return "decay", _SHAPES[config.shape](min(1.0, fallen), config.final)


@hookimpl
def ttsf_optimizer() -> type[Optimizer]:
    return WSD
