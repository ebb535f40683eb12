"""keep: ничего не менять — базовая линия, с которой сравнивают остальных."""

from __future__ import annotations

from tts_framework.components import Optimizer, Proposal
from tts_framework.hookspecs import hookimpl
from tts_framework.trials import Past


class Keep(Optimizer):
    """Всегда предлагает текущие значения."""

    def ask(self, past: Past, n: int = 1) -> list[Proposal]:
        values = {name: past.current[name] for name in past.space if name in past.current}
        return [Proposal(dict(values), "values kept") for _ in range(n)]


@hookimpl
def ttsf_optimizer() -> type[Optimizer]:
    return Keep
