"""Корпус `ljspeech`: лёгкая часть плагина."""

from __future__ import annotations

from pydantic import Field

from tts_framework.components import Corpus, CorpusRequest
from tts_framework.hookspecs import hookimpl
from tts_framework.speech.corpora.options import CorpusOptions


class LJSpeech(Corpus):
    """Английская речь одного диктора с домашней страницы LJSpeech (2.7 ГБ, 24 часа)."""

    class Config(CorpusOptions):
        """Отбор клипов и проверка архива."""

        validation_share: float = Field(
            0.02, gt=0, le=0.5, description="Доля клипов в проверочной выборке."
        )
        sha256: str | None = Field(
            None, pattern=r"^[0-9a-fA-F]{64}$", description="Ожидаемая sha256 архива по --url."
        )

    def fetch(self, request: CorpusRequest) -> None:
        from tts_framework.speech.corpora import ljspeech

        ljspeech.fetch(self.config, self.config.sha256, request)


@hookimpl
def ttsf_corpus() -> type[Corpus]:
    """Верни корпус `ljspeech`."""
    return LJSpeech
