"""Раскладка `festvox`: лёгкая часть плагина."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tts_framework.components import BadRecord, Layout, Recording
from tts_framework.hookspecs import hookimpl
from tts_framework.speech.importing.options import FestvoxOptions


class Festvox(Layout):
    """Голос festvox: etc/txt.done.data, wav/ и метки фонов lab/."""

    expects = "etc/txt.done.data and wav/"

    class Config(FestvoxOptions):
        """Чей голос."""

    @classmethod
    def matches(cls, source: Path) -> bool:
        return (source / "etc" / "txt.done.data").is_file()

    def recordings(self, source: Path) -> Iterator[Recording | BadRecord]:
        from tts_framework.speech.importing import festvox

        return festvox.recordings(self.config, source)


@hookimpl
def ttsf_layout() -> type[Layout]:
    """Верни раскладку `festvox`."""
    return Festvox
