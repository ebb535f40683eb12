"""Раскладка `mailabs`: лёгкая часть плагина."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tts_framework.components import BadRecord, Layout, Recording
from tts_framework.hookspecs import hookimpl
from tts_framework.speech.importing.options import MailabsOptions


class Mailabs(Layout):
    """Дерево M-AILABS: книги дикторов в by_book/."""

    expects = "by_book/.../metadata.csv and wavs/"

    class Config(MailabsOptions):
        """Какой из двух текстов брать."""

    @classmethod
    def matches(cls, source: Path) -> bool:
        return source.name == "by_book" or any(
            any(source.glob(f"{depth}by_book")) for depth in ("", "*/", "*/*/")
        )

    def recordings(self, source: Path) -> Iterator[Recording | BadRecord]:
        from tts_framework.speech.importing import mailabs

        return mailabs.recordings(self.config, source)


@hookimpl
def ttsf_layout() -> type[Layout]:
    """Верни раскладку `mailabs`."""
    return Mailabs
