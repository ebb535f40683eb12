"""Корпус `ru-nsh`: лёгкая часть плагина."""

from __future__ import annotations

from tts_framework.components import Corpus, CorpusRequest
from tts_framework.hookspecs import hookimpl
from tts_framework.speech.corpora.options import CorpusOptions


class RuNsh(Corpus):
    """Русская речь одного диктора из пакета Debian `festvox-ru` (179 МБ, 99.5 минут)."""

    class Config(CorpusOptions):
        """Общие настройки корпусов."""

    def fetch(self, request: CorpusRequest) -> None:
        from tts_framework.speech.corpora import ru_nsh

        ru_nsh.fetch(self.config, request)


@hookimpl
def ttsf_corpus() -> type[Corpus]:
    """Верни корпус `ru-nsh`."""
    return RuNsh
