"""AlertManager: события -> оповещатели, не задерживая цикл и не засыпая человека письмами."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping

from tts_framework.components import Alerter, Curve, Situation
from tts_framework.events import Event, TrialFinished
from tts_framework.smart_tuner.outbox import FIRST_PAUSE, Outbox
from tts_framework.trials import COMMITTED


class AlertManager:
    """Раздаёт события оповещателям, которые о них просили; у каждого своя очередь и свой поток."""

    def __init__(
        self,
        alerters: Mapping[str, Alerter],
        *,
        capacity: int = 256,
        secrets: Collection[str] = (),
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self._outboxes = {
            name: Outbox(name, alerter, capacity=capacity, secrets=secrets, first_pause=first_pause)
            for name, alerter in alerters.items()
        }
        self._alerters = dict(alerters)
        self._points: list[tuple[int, float]] = []

    def tell(self, *, run: str, folder: str, host: str, metric: str) -> None:
        """Скажи оповещателям, о каком запуске пойдёт речь."""
        situation = Situation(run, folder, host, lambda: Curve(metric, tuple(self._points)))
        for alerter in self._alerters.values():
            alerter.situation = situation

    def recall(self, events: Iterable[Event]) -> None:
        """Вспомни прошлое продолжаемого запуска, ни о чём не сообщая: нужна вся кривая."""
        for event in events:
            self._note(event)

    def handle(self, event: Event) -> None:
        """Прими событие; не блокирует и не бросает исключений."""
        self._note(event)
        for name, outbox in self._outboxes.items():
            if self._alerters[name].wants(event):
                outbox.put(event)

    def close(self, timeout: float = 10.0) -> None:
        """Дождись отправки всего принятого, но не дольше `timeout` секунд; повтор безвреден."""
        deadline = time.monotonic() + timeout
        outboxes, self._outboxes = self._outboxes, {}
        for outbox in outboxes.values():
            outbox.finish()
        for outbox in outboxes.values():
            outbox.join(deadline)

    def _note(self, event: Event) -> None:
        if isinstance(event, TrialFinished) and event.outcome == COMMITTED:
            if event.value is not None:
                self._points.append((event.end_iteration, event.value))
