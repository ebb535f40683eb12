"""Корпус и раскладка `ljspeech`: лёгкая часть плагина."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tts_framework.components import BadRecord, Corpus, CorpusRequest, Layout, Recording
from tts_framework.hookspecs import hookimpl
from tts_framework.speech.corpora.options import LJSpeechOptions
from tts_framework.speech.importing.options import LJSpeechLayoutOptions


class LJSpeech(Corpus):
    """Английская речь одного диктора с домашней страницы LJSpeech (2.7 ГБ, 24 часа)."""

    class Config(LJSpeechOptions):
        """Отбор клипов и проверка архива."""

    def fetch(self, request: CorpusRequest) -> None:
        from tts_framework.speech.corpora import ljspeech

        ljspeech.fetch(self.config, request)


class LJSpeechLayout(Layout):
    """Раскладка LJSpeech: metadata.csv из двух или трёх столбцов и wavs/."""

    expects = "metadata.csv and wavs/"

    class Config(LJSpeechLayoutOptions):
        """Чей голос и какой из двух текстов брать."""

    @classmethod
    def matches(cls, source: Path) -> bool:
        return (source / "metadata.csv").is_file() and (source / "wavs").is_dir()

    def recordings(self, source: Path) -> Iterator[Recording | BadRecord]:
        from tts_framework.speech.importing import ljspeech

        return ljspeech.recordings(self.config, source)


@hookimpl
def ttsf_corpus() -> type[Corpus]:
    """Верни корпус `ljspeech`."""
    return LJSpeech


@hookimpl
def ttsf_layout() -> type[Layout]:
    """Верни раскладку `ljspeech`."""
    return LJSpeechLayout
