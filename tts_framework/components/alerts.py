"""Оповещатель: что стоит внимания человека и как ему об этом сказать."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import Field

from tts_framework import events
from tts_framework.components.base import Component
from tts_framework.errors import TTSFError
from tts_framework.events import Event
from tts_framework.options import Options
from tts_framework.trials import DIVERGED, FAILED

AlertKind = Literal[
    "run_started",
    "best_improved",
    "plateau",
    "diverged",
    "rolled_back",
    "trial_failed",
    "optimizer_failed",
    "warning",
    "disk_low",
    "run_stopped",
    "run_crashed",
]
ALERT_KINDS: tuple[AlertKind, ...] = get_args(AlertKind)

_KINDS: dict[type[Event], AlertKind] = {
    events.RunStarted: "run_started",
    events.RunResumed: "run_started",
    events.BestImproved: "best_improved",
    events.PlateauReached: "plateau",
    events.RolledBack: "rolled_back",
    events.OptimizerFailed: "optimizer_failed",
    events.Warned: "warning",
    events.DiskLow: "disk_low",
    events.RunStopped: "run_stopped",
    events.RunCrashed: "run_crashed",
}
_OUTCOMES: dict[str, AlertKind] = {DIVERGED: "diverged", FAILED: "trial_failed"}


def alert_kind(event: Event) -> AlertKind | None:
    """Верни вид оповещения для события; None — отвлекать человека незачем."""
    if isinstance(event, events.TrialFinished):
        return _OUTCOMES.get(event.outcome)
    return _KINDS.get(type(event))


class AlertOptions(Options):
    """Общее у оповещателей: о чём и как часто сообщать."""

    events: tuple[AlertKind, ...] = Field(
        ALERT_KINDS, min_length=1, description="О чём сообщать; по умолчанию обо всём важном."
    )
    quiet_seconds: float = Field(
        60.0,
        ge=0,
        description="После сообщения следующие копятся столько секунд и приходят одной сводкой.",
    )


@dataclass(frozen=True)
class Curve:
    """Целевая метрика зафиксированной ветви: точки (итерация, значение) по возрастанию."""

    metric: str
    points: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Situation:
    """Где всё происходит: запуск, его папка, машина; `curve()` — кривая к этой минуте."""

    run: str
    folder: str
    host: str
    curve: Callable[[], Curve]


class TryLater(TTSFError):
    """Сообщение не ушло, но стоит повторить; `after` — не раньше чем через столько секунд."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Alerter(Component):
    """Сообщает человеку об одном событии.

    `quiet_seconds` — столько после отправленного события следующие копятся, чтобы прийти сводкой
    (`events.Warned`); 0 — не копить. Текст события даёт `wording.describe`. `situation` перед
    первым событием ставит AlertManager; без него (в тестах) сообщение обходится без места.
    """

    class Config(AlertOptions):
        """Без своих настроек."""

    quiet_seconds: float = 60.0
    situation: Situation | None = None

    def __init__(self, config: Any) -> None:
        self.config = config
        if isinstance(config, AlertOptions):
            self.quiet_seconds = config.quiet_seconds

    def wants(self, event: Event) -> bool:
        """Скажи, просил ли человек сообщать о таком событии этим путём."""
        kind = alert_kind(event)
        chosen = self.config.events if isinstance(self.config, AlertOptions) else ALERT_KINDS
        return kind in chosen

    def facts(self) -> dict[str, str]:
        """Верни то, что сказать вместе с событием: какой запуск, где он и как идут дела."""
        if self.situation is None:
            return {}
        about, curve = self.situation, self.situation.curve()
        facts = {"run": about.run, "host": about.host, "folder": about.folder}
        if curve.points:
            (first_at, first), (last_at, last) = curve.points[0], curve.points[-1]
            facts[curve.metric] = f"{last:.4g} at iteration {last_at}"
            if last_at != first_at:
                facts[curve.metric] += f" ({first:.4g} at {first_at})"
        return facts

    @abstractmethod
    def notify(self, event: Event) -> None:
        """Отправь сообщение; вызывается из отдельного потока.

        Raises:
            TryLater: адресат сейчас не принимает; AlertManager повторит.
            Exception: повторять бесполезно; исключение будет записано без секретов.
        """

    def close(self) -> None:
        """Закрой соединение."""
