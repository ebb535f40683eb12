"""Options плагина и настройки звука: pydantic-модели, общие для всех этажей."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Options(BaseModel):
    """Настройки одного плагина: неизвестный ключ — ошибка, объект неизменяем.

    Строка вида `1e-5` принимается как число: загрузчики YAML 1.1 читают её строкой.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False
    )

    @classmethod
    def tunables(cls) -> tuple[str, ...]:
        """Верни имена options, которые разрешено менять во время обучения."""
        return tuple(
            name
            for name, info in cls.model_fields.items()
            if isinstance(info.json_schema_extra, dict) and info.json_schema_extra.get("tunable")
        )


def tunable(default: Any, *, description: str, **constraints: Any) -> Any:
    """Объяви option, которую тюнер вправе менять: `rate: float = tunable(1e-3, gt=0, ...)`."""
    return Field(
        default, description=description, json_schema_extra={"tunable": True}, **constraints
    )


class AudioSettings(Options):
    """Настройки звука и mel-спектрограммы, общие для акустической модели и вокодера.

    Логарифмическая mel: ln(clamp(mel, 1e-5)) от модуля STFT (значения по умолчанию — эталонные).
    """

    sampling_rate: int = Field(22050, gt=0, description="Частота дискретизации, Гц.")
    filter_length: int = Field(1024, gt=0, description="Размер FFT, отсчётов.")
    hop_length: int = Field(256, gt=0, description="Шаг окна, отсчётов.")
    win_length: int = Field(1024, gt=0, description="Длина окна, отсчётов.")
    n_mel_channels: int = Field(80, gt=0, description="Число mel-полос.")
    mel_fmin: float = Field(0.0, ge=0, description="Нижняя граница mel-фильтров, Гц.")
    mel_fmax: float = Field(8000.0, gt=0, description="Верхняя граница mel-фильтров, Гц.")

    @model_validator(mode="after")
    def _consistent(self) -> AudioSettings:
        if self.win_length > self.filter_length:
            raise ValueError(
                f"win_length {self.win_length} is above filter_length {self.filter_length}"
            )
        if not self.mel_fmin < self.mel_fmax <= self.sampling_rate / 2:
            raise ValueError(
                f"mel_fmin {self.mel_fmin:g} < mel_fmax {self.mel_fmax:g} <= sampling_rate / 2"
                f" = {self.sampling_rate / 2:g} does not hold"
            )
        return self

    @property
    def fingerprint(self) -> str:
        """Верни отпечаток настроек: по нему узнают устаревший кэш и чужой вокодер."""
        text = json.dumps(self.model_dump(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]
