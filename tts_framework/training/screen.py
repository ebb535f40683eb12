"""Ход обучения на экране: живая строка в терминале, редкие простые строки в файле."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

from tts_framework.wording import duration

if TYPE_CHECKING:
    from rich.live import Live

_REFRESH_SECONDS = 0.25
_PLAIN_SECONDS = 10.0


class Screen:
    """Итерация, шаги в секунду, последние значения и оставшееся время."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._terminal = self._stream.isatty()
        self._live: Live | None = None
        self._pause = _REFRESH_SECONDS if self._terminal else _PLAIN_SECONDS
        self._values: dict[str, float] = {}
        self._first = self._last = self._iteration = 0
        self._started = self._shown = time.monotonic()

    def begin(self, first: int, last: int) -> None:
        """Начни отсчёт: учить с итерации `first` до `last`."""
        self._first, self._last, self._iteration = first, last, first
        self._started = self._shown = time.monotonic()

    def tick(self, iteration: int) -> None:
        """Отметь сделанный шаг; почти всегда ничего не выводит."""
        self._iteration = iteration
        if self._terminal and time.monotonic() - self._shown > self._pause:
            self._draw()

    def show(self, iteration: int, values: Mapping[str, float], important: bool = False) -> None:
        """Запомни значения и выведи строку, если она важна или давно не выводилась."""
        self._iteration = iteration
        self._values |= values
        if important or time.monotonic() - self._shown > self._pause:
            self._draw()

    def say(self, text: str) -> None:
        """Скажи что-нибудь отдельной строкой."""
        if self._live:
            self._live.console.print(text, markup=False, highlight=False)
        else:
            print(text, file=self._stream, flush=True)

    def progress(self, done: int, total: int, what: str) -> None:
        """Покажи ход долгой подготовки."""
        if done == total or time.monotonic() - self._shown > self._pause:
            self._shown = time.monotonic()
            self._put(f"{what}: {done}/{total}")

    def close(self) -> None:
        """Оставь последнюю строку на экране."""
        if self._live:
            self._live.stop()
            self._live = None

    def _draw(self) -> None:
        self._shown = time.monotonic()
        self._put(self._line())

    def _put(self, line: str) -> None:
        if not self._terminal:
            print(line, file=self._stream, flush=True)
            return
        from rich.text import Text

        self._live = self._live or _live(self._stream)
        self._live.update(Text(line, no_wrap=True, overflow="ellipsis"), refresh=True)

    def _line(self) -> str:
        parts = [f"it {self._iteration}/{self._last}"]
        seconds, done = time.monotonic() - self._started, self._iteration - self._first
        if step := self._values.get("duration"):
            parts.append(f"{1 / step:.3g} steps/s")
        for name, title in (("training.loss", "loss"), ("val_loss", "val_loss")):
            if name in self._values:
                parts.append(f"{title} {self._values[name]:.4f}")
        if done > 0:
            parts.append(f"left {duration(seconds / done * (self._last - self._iteration))}")
        return "  ".join(parts)


def _live(stream: TextIO) -> Live:
    from rich.console import Console
    from rich.live import Live

    live = Live(console=Console(file=stream), auto_refresh=False)
    live.start()
    live.console.show_cursor(True)  # процесс могут убить, а курсор должен остаться
    return live
