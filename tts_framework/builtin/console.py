"""console: предупреждения строкой в stderr; остальное показывает сам терминал."""

from __future__ import annotations

from pydantic import Field

from tts_framework.components import Alerter, AlertOptions
from tts_framework.events import (
    Event,
    OptimizerFailed,
    RolledBack,
    RunStopped,
    TrialFinished,
    Warned,
)
from tts_framework.hookspecs import hookimpl
from tts_framework.trials import DIVERGED, FAILED
from tts_framework.wording import describe


class Console(Alerter):
    """Печатает то, на что стоит взглянуть: откаты, сбои, предупреждения, прерванный запуск."""

    class Config(AlertOptions):
        """Терминал видит всё сразу."""

        quiet_seconds: float = Field(0.0, ge=0, description="Копить сообщения столько секунд.")

    def notify(self, event: Event) -> None:
        if not _is_warning(event):
            return
        from rich.console import Console as Terminal
        from rich.text import Text

        line = Text.assemble(("warning: ", "bold yellow"), describe(event))
        Terminal(stderr=True).print(line, soft_wrap=True)


def _is_warning(event: Event) -> bool:
    if isinstance(event, RunStopped):
        return not event.finished
    if isinstance(event, TrialFinished):
        return event.outcome in (FAILED, DIVERGED)
    return isinstance(event, Warned | OptimizerFailed | RolledBack)


@hookimpl
def ttsf_alerter() -> type[Alerter]:
    return Console
