"""cosine: learning_rate спадает по косинусу за бюджет итераций (Loshchilov, Hutter, 1608.03983)."""

from __future__ import annotations

import math

from tts_framework.builtin.schedule import CurveOptions, peak_of, scheduled, scheduled_axis
from tts_framework.components import Optimizer, Proposal
from tts_framework.hookspecs import hookimpl
from tts_framework.space import Space
from tts_framework.trials import Past


class Cosine(Optimizer):
    """Ведёт одну ось по половине периода косинуса, без перезапусков."""

    class Config(CurveOptions):
        """Options кривой."""

    config: Config

    def __init__(self, config: Config, space: Space) -> None:
        super().__init__(config, space)
        self.axis = scheduled_axis(space, config.parameter, "cosine")

    def ask(self, past: Past, n: int = 1) -> list[Proposal]:
        final = self.config.final
        level = final + (1 - final) * (1 + math.cos(math.pi * past.progress)) / 2
        value = peak_of(self.config, past, self.axis) * level
        return scheduled(past, self.axis, value, f"cosine at {past.progress:.0%} of the budget", n)


@hookimpl
def ttsf_optimizer() -> type[Optimizer]:
    return Cosine
