"""Раскладка `vctk`: лёгкая часть плагина."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tts_framework.components import BadRecord, Layout, Recording
from tts_framework.hookspecs import hookimpl
from tts_framework.speech.importing.options import VctkOptions


class VCTK(Layout):
    """VCTK 0.80 и 0.92: много английских дикторов, по папке на каждого."""

    expects = "wav48/ or wav48_silence_trimmed/, and txt/"

    class Config(VctkOptions):
        """Микрофон и дикторы без текстов."""

    @classmethod
    def matches(cls, source: Path) -> bool:
        sounds = ("wav48_silence_trimmed", "wav48")
        return (source / "txt").is_dir() and any((source / name).is_dir() for name in sounds)

    def recordings(self, source: Path) -> Iterator[Recording | BadRecord]:
        from tts_framework.speech.importing import vctk

        return vctk.recordings(self.config, source)


@hookimpl
def ttsf_layout() -> type[Layout]:
    """Верни раскладку `vctk`."""
    return VCTK
