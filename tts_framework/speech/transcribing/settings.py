"""Настройки расшифровки корпуса: что слушать и чему не верить."""

from __future__ import annotations

from pydantic import Field

from tts_framework.options import Options


class Settings(Options):
    """Что делать с текстами и какие клипы откладывать на проверку."""

    compare: bool = Field(False, description="Слушать и клипы с текстом и сравнивать.")
    replace: bool = Field(False, description="Заменить имеющиеся тексты услышанным.")
    skip_bad: bool = Field(False, description="Пропустить клипы с негодным звуком.")
    min_confidence: float | None = Field(
        None, ge=0, le=1, description="Порог уверенности; по умолчанию — свой у расшифровщика."
    )
    max_no_speech: float = Field(
        0.6, ge=0, le=1, description="Предел вероятности того, что в клипе не говорят."
    )
    min_words_per_second: float = Field(0.3, ge=0, description="Предел медленной речи, слов/с.")
    max_words_per_second: float = Field(6.0, gt=0, description="Предел быстрой речи, слов/с.")
    max_cer: float = Field(0.3, ge=0, description="CER, выше которого текст и звук не пара.")
