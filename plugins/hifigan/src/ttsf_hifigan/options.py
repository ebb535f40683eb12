"""Настройки модели: форма сети (неизменна) и то, что тюнер вправе менять на ходу."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from tts_framework.options import AudioSettings, Options, tunable
from ttsf_hifigan.sizes import PRESETS, Sizes, preset_for, require_hop

_OWN_SIZES = tuple(field.name for field in fields(Sizes) if field.name != "n_mels")


class HifiganOptions(Options):
    """Раздел `model` при `use: hifigan`."""

    preset: Literal["v1", "v2", "v3"] = Field(
        "v1", description="Размеры генератора: опубликованные V1, V2 и V3."
    )
    sizes: dict[str, Any] = Field(
        {}, description="Размеры, отличные от preset: `{upsample_initial_channel: 64}`."
    )
    mpd_periods: tuple[int, ...] = Field(
        (2, 3, 5, 7, 11), description="Периоды дискриминатора периодов."
    )
    discriminator_width: float = Field(
        1.0, gt=0, le=1, description="Доля опубликованной ширины дискриминаторов."
    )
    mels: Path | None = Field(
        None, description="Папка mel-спектрограмм акустической модели для доучивания на них."
    )
    learning_rate: float = tunable(2e-4, gt=0, description="Шаг AdamW генератора.")
    discriminator_rate: float = tunable(
        1.0, gt=0, description="Шаг дискриминаторов в долях learning_rate."
    )
    beta1: float = tunable(0.8, ge=0, lt=1, description="Память первого момента AdamW.")
    beta2: float = tunable(0.99, ge=0, lt=1, description="Память второго момента AdamW.")
    weight_decay: float = tunable(0.01, ge=0, description="Затухание весов AdamW.")
    lr_decay: float = tunable(
        0.999, gt=0, le=1, description="Множитель шага за каждую эпоху данных (ExponentialLR)."
    )
    mel_weight: float = tunable(45.0, ge=0, description="Вес L1 логарифмических mel.")
    fm_weight: float = tunable(2.0, ge=0, description="Вес сходства признаков дискриминаторов.")
    adversarial_weight: float = tunable(
        1.0, ge=0, description="Вес состязательных потерь генератора."
    )
    segment_size: int = tunable(
        8192, ge=256, description="Длина отрезка, отсчётов; округляется до целых кадров."
    )
    grad_clip_thresh: float = tunable(
        0.0, ge=0, description="Предел нормы градиентов; 0 - без предела, как в эталоне."
    )
    precision: Literal["auto", "fp32", "bf16"] = Field(
        "auto", description="Точность свёрток; auto - bf16 там, где он быстрее."
    )
    validation_clips: int = Field(
        16, ge=1, description="Сколько проверочных клипов оценивать; всегда одни и те же."
    )
    validation_seconds: float = Field(
        4.0, gt=0, description="Сколько секунд каждого из них оценивать."
    )

    @model_validator(mode="after")
    def _consistent(self) -> HifiganOptions:
        unknown = sorted(set(self.sizes) - set(_OWN_SIZES))
        if unknown:
            raise ValueError(f"sizes: no such size {unknown[0]!r}; known: {', '.join(_OWN_SIZES)}")
        if not self.mpd_periods or min(self.mpd_periods) < 1:
            raise ValueError(f"mpd_periods must be positive, got {list(self.mpd_periods)}")
        try:
            replace(PRESETS[self.preset], **_frozen(self.sizes))
        except TypeError as error:
            raise ValueError(f"sizes: {error}") from error
        return self

    def network_sizes(self, audio: AudioSettings) -> Sizes:
        """Верни размеры генератора для этих настроек звука.

        Raises:
            ValueError: произведение ступеней не равно шагу окна.
        """
        base = preset_for(self.preset, audio.hop_length, audio.n_mel_channels)
        sizes = replace(base, **_frozen(self.sizes))
        require_hop(sizes, audio.hop_length)
        return sizes

    def segment_frames(self, hop_length: int) -> int:
        """Верни длину отрезка в целых кадрах."""
        return max(1, round(self.segment_size / hop_length))


def _frozen(sizes: dict[str, Any]) -> dict[str, Any]:
    return {name: _tuple(value) for name, value in sizes.items()}


def _tuple(value: Any) -> Any:
    """Проверь, что размер - целое или (вложенный) список целых, и верни кортежи.

    Raises:
        ValueError: там что-то другое.
    """
    if isinstance(value, list | tuple):
        return tuple(_tuple(item) for item in value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"sizes: {value!r} is not a whole number")
    return value
