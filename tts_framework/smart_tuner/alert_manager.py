"""AlertManager: события -> оповещатели, не задерживая цикл и не засыпая человека письмами."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from functools import partial

from tts_framework.components import Alerter
from tts_framework.events import (
    BestImproved,
    Event,
    OptimizerFailed,
    RolledBack,
    RunResumed,
    RunStarted,
    RunStopped,
    TrialFinished,
    Warned,
)
from tts_framework.secrets import redact
from tts_framework.trials import DIVERGED, FAILED
from tts_framework.wording import describe

Secrets = Collection[str]

_log = logging.getLogger(__name__)
_WAKE = Event()
_IMPORTANT = (
    RunStarted,
    RunResumed,
    RunStopped,
    BestImproved,
    RolledBack,
    OptimizerFailed,
    Warned,
)


def matters(event: Event) -> bool:
    """Скажи, стоит ли событие того, чтобы отвлечь человека."""
    if isinstance(event, TrialFinished):
        return event.outcome in (FAILED, DIVERGED)
    return isinstance(event, _IMPORTANT)


class AlertManager:
    """Раздаёт важные события оповещателям; у каждого своя очередь и свой поток."""

    def __init__(
        self, alerters: Mapping[str, Alerter], *, capacity: int = 256, secrets: Secrets = ()
    ) -> None:
        self._outboxes = [
            _Outbox(name, alerter, capacity, secrets) for name, alerter in alerters.items()
        ]

    def handle(self, event: Event) -> None:
        """Прими событие; не блокирует и не бросает исключений."""
        if matters(event):
            for outbox in self._outboxes:
                outbox.put(event)

    def close(self, timeout: float = 10.0) -> None:
        """Дождись отправки всего принятого, но не дольше `timeout` секунд; повтор безвреден."""
        deadline = time.monotonic() + timeout
        outboxes, self._outboxes = self._outboxes, []
        for outbox in outboxes:
            outbox.finish()
        for outbox in outboxes:
            outbox.join(deadline)


class Throttle:
    """Копит события в течение `quiet_seconds` после отправленного и отдаёт их одной сводкой.

    Часы снаружи: `now` — любые монотонные секунды. Конец запуска ждать не заставляет.
    """

    def __init__(self, quiet_seconds: float) -> None:
        self._quiet_seconds = quiet_seconds
        self._quiet_until = -float("inf")
        self._held: list[Event] = []

    def offer(self, event: Event, now: float) -> list[Event]:
        """Прими событие; верни то, что пора отправить."""
        if isinstance(event, RunStopped):
            return [*self.release(now), event]
        self._held.append(event)
        return self.release(now) if now >= self._quiet_until else []

    def release(self, now: float) -> list[Event]:
        """Верни всё накопленное: одно событие — как есть, несколько — сводкой."""
        held, self._held = self._held, []
        if not held:
            return []
        self._quiet_until = now + self._quiet_seconds
        return held if len(held) == 1 else [_digest(held)]

    def wait(self, now: float) -> float | None:
        """Верни, через сколько секунд отдавать накопленное; None — ничего не накоплено."""
        return max(0.0, self._quiet_until - now) if self._held else None


def _digest(held: list[Event]) -> Event:
    counts = Counter(type(event).__name__ for event in held)
    kinds = ", ".join(f"{count} x {name}" for name, count in counts.most_common())
    minutes = (held[-1].at - held[0].at) / 60
    return Warned(
        message=f"{len(held)} events in {minutes:.1f} min: {kinds}; last: {describe(held[-1])}",
        at=held[-1].at,
    )


class _Outbox:
    """Очередь, поток и тишина одного оповещателя: зависший не мешает остальным."""

    def __init__(self, name: str, alerter: Alerter, capacity: int, secrets: Secrets) -> None:
        self._name = name
        self._alerter = alerter
        self._secrets = secrets
        self._throttle = Throttle(alerter.quiet_seconds)
        self._queue: queue.Queue[Event] = queue.Queue(capacity)
        self._finishing = threading.Event()
        self._dropped = 0
        self._thread = threading.Thread(target=self._work, name=f"alerter-{name}", daemon=True)
        self._thread.start()

    def put(self, event: Event) -> None:
        try:
            self._queue.put_nowait(event)
        except queue.Full:
            self._dropped += 1

    def finish(self) -> None:
        self._finishing.set()
        with suppress(queue.Full):
            self._queue.put_nowait(_WAKE)

    def join(self, deadline: float) -> None:
        self._thread.join(max(0.0, deadline - time.monotonic()))
        if self._thread.is_alive():
            _log.warning("alerter %s is stuck; its last alerts are unsent", self._name)
        if self._dropped:
            _log.warning("alerter %s is too slow; %d alerts dropped", self._name, self._dropped)

    def _work(self) -> None:
        while not (self._finishing.is_set() and self._queue.empty()):
            for event in self._due():
                self._guarded(partial(self._alerter.notify, event))
        for event in self._throttle.release(time.monotonic()):
            self._guarded(partial(self._alerter.notify, event))
        self._guarded(self._alerter.close)

    def _due(self) -> list[Event]:
        """Дождись события или конца тишины; верни то, что пора отправить."""
        try:
            event = self._queue.get(timeout=self._throttle.wait(time.monotonic()))
        except queue.Empty:
            return self._throttle.release(time.monotonic())
        return [] if event is _WAKE else self._throttle.offer(event, time.monotonic())

    def _guarded(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception as error:
            text = redact(f"{type(error).__name__}: {error}", self._secrets)
            _log.warning("alerter %s failed: %s", self._name, text)
