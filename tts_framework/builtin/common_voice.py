"""Раскладка `common_voice`: лёгкая часть плагина."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tts_framework.components import BadRecord, Layout, Recording
from tts_framework.hookspecs import hookimpl
from tts_framework.speech.importing.options import CommonVoiceOptions


class CommonVoice(Layout):
    """Mozilla Common Voice: таблицы TSV и клипы MP3 множества дикторов."""

    expects = "validated.tsv and clips/"

    class Config(CommonVoiceOptions):
        """Таблица и голоса слушателей."""

    @classmethod
    def matches(cls, source: Path) -> bool:
        return (source / "clips").is_dir() and any(
            (source / f"{name}.tsv").is_file() for name in ("validated", "train")
        )

    def recordings(self, source: Path) -> Iterator[Recording | BadRecord]:
        from tts_framework.speech.importing import common_voice

        return common_voice.recordings(self.config, source)


@hookimpl
def ttsf_layout() -> type[Layout]:
    """Верни раскладку `common_voice`."""
    return CommonVoice
