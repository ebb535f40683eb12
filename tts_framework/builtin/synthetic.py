"""Корпус `synthetic`: лёгкая часть плагина."""

from __future__ import annotations

from pydantic import Field

from tts_framework.components import Corpus, CorpusRequest
from tts_framework.hookspecs import hookimpl
from tts_framework.speech.corpora.options import CorpusOptions


class Synthetic(Corpus):
    """Русские предложения, прочитанные espeak-ng из колеса: без сети и системных пакетов."""

    class Config(CorpusOptions):
        """Отбор клипов и звук."""

        sampling_rate: int = Field(16000, ge=8000, description="Частота дискретизации, Гц.")
        words_per_minute: int = Field(175, ge=80, le=450, description="Темп речи, слов в минуту.")

    def fetch(self, request: CorpusRequest) -> None:
        from tts_framework.speech.corpora import synthetic

        synthetic.fetch(
            self.config, self.config.sampling_rate, self.config.words_per_minute, request
        )


@hookimpl
def ttsf_corpus() -> type[Corpus]:
    """Верни корпус `synthetic`."""
    return Synthetic
