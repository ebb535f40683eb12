"""Component: общее у всех подключаемых частей."""

from __future__ import annotations

from abc import ABC

from tts_framework.options import Options


class Component(ABC):
    """Общее у всех подключаемых частей: описание настроек во вложенном классе `Config`."""

    class Config(Options):
        """Без настроек."""
