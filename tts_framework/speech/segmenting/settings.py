"""Как резать записи на клипы."""

from __future__ import annotations

from typing import Any

from pydantic import Field, ValidationError, model_validator

from tts_framework.errors import ConfigError
from tts_framework.options import Options
from tts_framework.problems import explain


class SegmentSettings(Options):
    """Настройки нарезки; времена — в секундах."""

    rate: int = Field(22050, ge=4000, le=192000, description="Частота клипов, Гц.")
    min_seconds: float = Field(2.0, ge=0, description="Короче — присоединить к соседу.")
    max_seconds: float = Field(12.0, gt=0.5, le=30, description="Длиннее — разрезать в паузе.")
    margin: float = Field(0.1, ge=0, le=1, description="Сколько тишины оставить по краям.")
    min_pause: float = Field(0.2, ge=0.1, description="В паузе короче режут лишь при нужде.")
    max_pause: float = Field(1.0, description="Через паузу длиннее клипы не соединяют.")
    loudness: float | None = Field(
        None, ge=-60, le=-5, description="Привести громкость клипа к этой (EBU R128), LUFS."
    )

    @model_validator(mode="after")
    def _consistent(self) -> SegmentSettings:
        if self.min_seconds * 2 > self.max_seconds:
            raise ValueError(
                f"max_seconds {self.max_seconds:g} is below twice min_seconds"
                f" {self.min_seconds:g}; widen the range"
            )
        if self.max_pause < self.min_pause:
            raise ValueError(
                f"max_pause {self.max_pause:g} is below min_pause {self.min_pause:g}; swap them"
            )
        return self

    @classmethod
    def checked(cls, **values: Any) -> SegmentSettings:
        """Создай настройки из значений командной строки.

        Raises:
            ConfigError: значения неверны; названы все.
        """
        try:
            return cls(**values)
        except ValidationError as error:
            found = explain(error, cls, values)
            texts = [
                f"--{'.'.join(map(str, path)).replace('_', '-')}: {text}" if path else text
                for path, text in found
            ]
            raise ConfigError(texts) from error
