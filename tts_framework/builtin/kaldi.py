"""Раскладка `kaldi`: лёгкая часть плагина."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tts_framework.components import BadRecord, Layout, Recording
from tts_framework.hookspecs import hookimpl
from tts_framework.speech.importing.options import KaldiOptions


class Kaldi(Layout):
    """Папка данных Kaldi: wav.scp, text, segments, utt2spk."""

    expects = "wav.scp"

    class Config(KaldiOptions):
        """Откуда отсчитаны пути wav.scp."""

    @classmethod
    def matches(cls, source: Path) -> bool:
        return (source / "wav.scp").is_file()

    def root(self, source: Path) -> Path:
        return self.config.root or source

    def recordings(self, source: Path) -> Iterator[Recording | BadRecord]:
        from tts_framework.speech.importing import kaldi

        return kaldi.recordings(self.config, source)


@hookimpl
def ttsf_layout() -> type[Layout]:
    """Верни раскладку `kaldi`."""
    return Kaldi
