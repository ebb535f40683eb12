"""Раскладка `textgrid`: лёгкая часть плагина."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tts_framework.components import BadRecord, Layout, Recording
from tts_framework.hookspecs import hookimpl
from tts_framework.speech.importing.options import TextGridOptions


class TextGrid(Layout):
    """Разметка Praat (и MFA) рядом с каждой записью; метки фонов сохраняются."""

    expects = "X.TextGrid beside every X.wav"

    class Config(TextGridOptions):
        """Слои и правила нарезки."""

    @classmethod
    def matches(cls, source: Path) -> bool:
        return any(source.rglob("*.TextGrid")) or any(source.rglob("*.textgrid"))

    def recordings(self, source: Path) -> Iterator[Recording | BadRecord]:
        from tts_framework.speech.importing import textgrid

        return textgrid.recordings(self.config, source)


@hookimpl
def ttsf_layout() -> type[Layout]:
    """Верни раскладку `textgrid`."""
    return TextGrid
