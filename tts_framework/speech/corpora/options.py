"""Options корпусов (без тяжёлых импортов: их читают лёгкие модули плагинов)."""

from __future__ import annotations

from pydantic import Field

from tts_framework.options import Options


class CorpusOptions(Options):
    """Отбор клипов и доля проверочной выборки."""

    max_seconds: float | None = Field(None, gt=0, description="Не брать клипы длиннее, с.")
    validation_share: float = Field(
        0.1, gt=0, le=0.5, description="Доля клипов в проверочной выборке."
    )


class LJSpeechOptions(CorpusOptions):
    """Отбор клипов и проверка архива."""

    validation_share: float = Field(
        0.02, gt=0, le=0.5, description="Доля клипов в проверочной выборке."
    )
    sha256: str | None = Field(
        None, pattern=r"^[0-9a-fA-F]{64}$", description="Ожидаемая sha256 архива по --url."
    )


class SyntheticOptions(CorpusOptions):
    """Отбор клипов и голос espeak-ng."""

    sampling_rate: int = Field(16000, ge=8000, le=48000, description="Частота, Гц.")
    words_per_minute: int = Field(160, ge=80, le=450, description="Темп, слов в минуту.")
