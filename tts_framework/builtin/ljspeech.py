"""Корпус `ljspeech`: лёгкая часть плагина."""

from __future__ import annotations

from tts_framework.components import Corpus, CorpusRequest
from tts_framework.hookspecs import hookimpl
from tts_framework.speech.corpora.options import LJSpeechOptions


class LJSpeech(Corpus):
    """Английская речь одного диктора с домашней страницы LJSpeech (2.7 ГБ, 24 часа)."""

    class Config(LJSpeechOptions):
        """Отбор клипов и проверка архива."""

    def fetch(self, request: CorpusRequest) -> None:
        from tts_framework.speech.corpora import ljspeech

        ljspeech.fetch(self.config, request)


@hookimpl
def ttsf_corpus() -> type[Corpus]:
    """Верни корпус `ljspeech`."""
    return LJSpeech
