"""Фоновая работа с сервером, который может отсутствовать."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from tts_framework.tracking.server import Unavailable

Say = Callable[[str], None]
_LONGEST_PAUSE = 30.0
_CLOSING_PAUSE = 0.3
_PROMISE = "work goes on, records are kept on disk and will be sent later"
_LATE = "not enough time"


class Background:
    """Поток, который делает работу по кругу, при отказе сервера — с растущей паузой.

    `work` возвращает True, если осталось ещё. Исключения наружу не выходят никогда: о беде и об
    её конце говорит `say`, по одному разу.
    """

    def __init__(
        self, work: Callable[[], bool], where: str, interval: float, say: Say
    ) -> None:
        self._work, self._where, self._interval = work, where, interval
        self._say = say
        self._wake, self._pass = threading.Event(), threading.Event()
        self._deadline: float | None = None
        self._trouble = ""
        self._left: str | None = None
        self._thread = threading.Thread(target=self._run, name="ttsf-mlflow", daemon=True)
        self._thread.start()

    @property
    def trouble(self) -> str:
        """Верни, почему сервер сейчас недоступен; пустая строка — доступен."""
        return self._trouble

    def wake(self) -> None:
        """Попроси не ждать конца обычной паузы (пауза после отказа сервера не сокращается)."""
        if not self._trouble:
            self._wake.set()

    def settle(self, seconds: float) -> None:
        """Разбуди и подожди конца прохода, но недолго; при неисправном сервере не жди вовсе."""
        if not self._trouble:
            self._pass.clear()
            self._wake.set()
            self._pass.wait(seconds)

    def close(self, timeout: float) -> str | None:
        """Дай доделать работу; верни причину, если не успел."""
        self._deadline = time.monotonic() + timeout
        self._wake.set()
        self._thread.join(timeout + 1.0)
        return (self._trouble or _LATE) if self._thread.is_alive() else self._left

    def _run(self) -> None:
        pause = self._interval
        while True:
            more = self._attempt()
            self._pass.set()
            if self._deadline is not None:
                if not more or time.monotonic() > self._deadline:
                    self._left = (self._trouble or _LATE) if more else None
                    return
                pause = _CLOSING_PAUSE
            else:
                pause = min(_LONGEST_PAUSE, pause * 2) if self._trouble else self._interval
            self._wake.wait(pause)
            self._wake.clear()

    def _attempt(self) -> bool:
        try:
            more = self._work()
        except Exception as error:
            reason = str(error) if isinstance(error, Unavailable) else repr(error)
            if not self._trouble:
                self._say(f"mlflow: {self._where}: {reason}; {_PROMISE}")
            self._trouble = reason
            return True
        if self._trouble:
            self._trouble = ""
            self._say(f"mlflow: {self._where} answers again")
        return more
