"""Broadcast: одно событие — всем слушателям; упавший слушатель не роняет подстройку."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from tts_framework.events import Event

Listener = Callable[[Event], None]
_log = logging.getLogger(__name__)


class Broadcast:
    """Рассылает события; о каждом слушателе, который сломался, сообщает один раз."""

    def __init__(self, listeners: Mapping[str, Listener]) -> None:
        self._listeners = dict(listeners)
        self._broken: set[str] = set()

    def __call__(self, event: Event) -> None:
        for name, listener in self._listeners.items():
            try:
                listener(event)
            except Exception as error:  # слушатель — чужой код, а событие уже сохранено
                if name not in self._broken:
                    _log.warning("%s: %s: %s", name, type(error).__name__, error)
                self._broken.add(name)
