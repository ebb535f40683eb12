"""random: случайный поиск, равномерный в собственной шкале каждой оси."""

from __future__ import annotations

import random

from tts_framework.components import Optimizer, Proposal
from tts_framework.hookspecs import hookimpl
from tts_framework.trials import Past


class Random(Optimizer):
    """Предлагает случайные точки; случайность — от (зерно, номер решения)."""

    def ask(self, past: Past, n: int = 1) -> list[Proposal]:
        rng = random.Random(f"{past.seed}/{past.decision}")
        note = f"random point of decision {past.decision}"
        return [Proposal(self.space.sample(rng), note) for _ in range(n)]


@hookimpl
def ttsf_optimizer() -> type[Optimizer]:
    return Random
