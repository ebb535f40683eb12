"""Просьба остановиться: SIGINT и SIGTERM."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from types import FrameType

from tts_framework.errors import ExitCode


class StopRequest:
    """Первый сигнал просит остановиться после текущего шага, второй завершает процесс сразу.

    Второй сигнал не поднимает исключение, а завершает процесс: чекпоинт пишется под временным
    именем, поэтому оборванная запись не опасна, а ждать зависшую нельзя.
    """

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None

    def __bool__(self) -> bool:
        return self.signal is not None

    @property
    def name(self) -> str:
        """Верни имя пришедшего сигнала."""
        return self.signal.name if self.signal else ""

    def listen(self) -> None:
        """Поставь обработчики; вызывается в главном потоке до тяжёлых импортов."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.signal is not None:
            os._exit(ExitCode.INTERRUPTED)
        self.signal = signal.Signals(number)
        text = f"{self.signal.name}: finishing the step, then saving; once more quits at once\n"
        with suppress(OSError):
            os.write(2, text.encode())  # print посреди другого print упал бы
