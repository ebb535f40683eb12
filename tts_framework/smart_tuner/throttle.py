"""Throttle: частые события приходят человеку одной сводкой."""

from __future__ import annotations

from collections import Counter

from tts_framework.events import Event, RunCrashed, RunStopped, Warned
from tts_framework.wording import describe

_LAST_WORDS = (RunStopped, RunCrashed)


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
        if isinstance(event, _LAST_WORDS):
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
