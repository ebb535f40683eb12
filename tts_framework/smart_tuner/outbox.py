"""Outbox: очередь, поток, тишина и повторы одного оповещателя; зависший не мешает остальным."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress

from tts_framework.components import Alerter, TryLater
from tts_framework.events import Event
from tts_framework.secrets import redact
from tts_framework.smart_tuner.throttle import Throttle

ATTEMPTS = 6
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 120.0

_log = logging.getLogger(__name__)
_WAKE = Event()


class Outbox:
    """Отправляет события одного оповещателя из своего потока.

    На `TryLater` повторяет до `ATTEMPTS` раз, удваивая паузу с `first_pause` секунд (или столько,
    сколько просит сервер, но не дольше `LONGEST_PAUSE`). После `finish` остаётся одна попытка:
    конец запуска не ждёт чужого сервера.
    """

    def __init__(
        self,
        name: str,
        alerter: Alerter,
        *,
        capacity: int,
        secrets: Collection[str],
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self._name = name
        self._alerter = alerter
        self._secrets = secrets
        self._first_pause = first_pause
        self._throttle = Throttle(alerter.quiet_seconds)
        self._queue: queue.Queue[Event] = queue.Queue(capacity)
        self._finishing = threading.Event()
        self._dropped = 0
        self._thread = threading.Thread(target=self._work, name=f"alerter-{name}", daemon=True)
        self._thread.start()

    def put(self, event: Event) -> None:
        """Прими событие, не блокируя; при переполнении оно считается потерянным."""
        try:
            self._queue.put_nowait(event)
        except queue.Full:
            self._dropped += 1

    def finish(self) -> None:
        """Попроси отправить принятое и закончить."""
        self._finishing.set()
        with suppress(queue.Full):
            self._queue.put_nowait(_WAKE)

    def join(self, deadline: float) -> None:
        """Дождись конца не дольше, чем до `deadline` (time.monotonic)."""
        self._thread.join(max(0.0, deadline - time.monotonic()))
        if self._thread.is_alive():
            _log.warning("alerter %s is stuck; its last alerts are unsent", self._name)
        if self._dropped:
            _log.warning("alerter %s is too slow; %d alerts dropped", self._name, self._dropped)

    def _work(self) -> None:
        while not (self._finishing.is_set() and self._queue.empty()):
            for event in self._due():
                self._send(event)
        for event in self._throttle.release(time.monotonic()):
            self._send(event)
        self._guarded(self._alerter.close)

    def _due(self) -> list[Event]:
        """Дождись события или конца тишины; верни то, что пора отправить."""
        try:
            event = self._queue.get(timeout=self._throttle.wait(time.monotonic()))
        except queue.Empty:
            return self._throttle.release(time.monotonic())
        return [] if event is _WAKE else self._throttle.offer(event, time.monotonic())

    def _send(self, event: Event) -> None:
        pause, attempt, last = self._first_pause, 1, False
        while True:
            last = last or attempt == ATTEMPTS
            later = self._guarded(lambda: self._alerter.notify(event), last=last)
            if later is None:
                return
            asked = min(pause if later.after is None else max(later.after, 0.0), LONGEST_PAUSE)
            if self._finishing.wait(asked):
                time.sleep(min(asked, self._first_pause))
                last = True
            pause, attempt = 2 * pause, attempt + 1

    def _guarded(self, call: Callable[[], None], last: bool = True) -> TryLater | None:
        """Вызови чужой код; верни `TryLater`, если он просит повторить и попытки остались."""
        try:
            call()
        except TryLater as error:
            if not last:
                return error
            self._failed(f"given up: {error}")
        except Exception as error:
            self._failed(f"{type(error).__name__}: {error}")
        return None

    def _failed(self, text: str) -> None:
        _log.warning("alerter %s failed: %s", self._name, redact(text, self._secrets))
