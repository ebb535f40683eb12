"""Корпус `synthetic`: лёгкая часть плагина."""

from __future__ import annotations

from tts_framework.components import Corpus, CorpusRequest
from tts_framework.hookspecs import hookimpl
from tts_framework.speech.corpora.options import SyntheticOptions


class Synthetic(Corpus):
    """Русские предложения, прочитанные espeak-ng из колеса: без сети и системных пакетов."""

    class Config(SyntheticOptions):
        """Отбор клипов и голос."""

    def fetch(self, request: CorpusRequest) -> None:
        from tts_framework.speech.corpora import synthetic

        synthetic.fetch(self.config, request)


@hookimpl
def ttsf_corpus() -> type[Corpus]:
    """Верни корпус `synthetic`."""
    return Synthetic
