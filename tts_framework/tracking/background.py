"""Фоновая работа с сервером, который может отсутствовать."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from tts_framework.tracking.server import Unavailable

Say = Callable[[str], None]
_LONGEST_PAUSE = 30.0
_CLOSING_PAUSE = 0.3
_REST = 200
"""Пауза не короче стольких проходов по времени процессора: поток занимает не больше 0,5% ядра."""
_LATE = "not enough time"
_PROMISE = "work goes on, records are kept on disk and will be sent later"


class Background:
    """Поток, который делает работу по кругу, при отказе сервера — с растущей паузой.

    Исключения `work` наружу не выходят никогда: о беде и об её конце говорит `say`, по разу.
    """

    def __init__(self, work: Callable[[], object], where: str, interval: float, say: Say) -> None:
        self._work, self._where, self._interval, self._say = work, where, interval, say
        self._wake = threading.Event()
        self._deadline: float | None = None
        self._left: str | None = _LATE
        self.trouble = ""
        self._thread = threading.Thread(target=self._run, name="ttsf-mlflow", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Попроси не ждать конца обычной паузы (пауза после отказа сервера не сокращается)."""
        if not self.trouble:
            self._wake.set()

    def close(self, timeout: float) -> str | None:
        """Дай сделать последний проход; верни причину, если он так и не удался."""
        self._deadline = time.monotonic() + timeout
        self._wake.set()
        self._thread.join(timeout + 1.0)
        return self._left

    def _run(self) -> None:
        pause = self._interval
        while True:
            closing = self._deadline  # последний проход — тот, что начат после просьбы закрыться
            began = time.thread_time()
            done = self._attempt()
            spent = time.thread_time() - began
            if closing is not None and (done or time.monotonic() > closing):
                self._left = None if done else self.trouble
                return
            usual = max(self._interval, min(_LONGEST_PAUSE, _REST * spent))
            pause = min(_LONGEST_PAUSE, pause * 2) if self.trouble else usual
            self._wake.wait(pause if closing is None else _CLOSING_PAUSE)
            self._wake.clear()

    def _attempt(self) -> bool:
        try:
            self._work()
        except Exception as error:
            reason = str(error) if isinstance(error, Unavailable) else repr(error)
            known, self.trouble = self.trouble, reason
            if not known:
                self._say(f"mlflow: {self._where}: {reason}; {_PROMISE}")
            return False
        if self.trouble:
            self.trouble = ""
            self._say(f"mlflow: {self._where} answers again")
        return True
