"""Звук, картинка и mel, которыми обмениваются модели, журналы и голоса."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tts_framework.options import AudioSettings

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Picture:
    """Картинка для журнала: `pixels` [H, W, 3], uint8."""

    tag: str
    pixels: np.ndarray


@dataclass(frozen=True)
class Sound:
    """Звук для журнала: `samples` [N], float32 в [-1, 1]."""

    tag: str
    samples: np.ndarray
    sampling_rate: int


@dataclass(frozen=True)
class Mel:
    """Логарифмическая mel-спектрограмма `frames` [n_mels, T] вместе с её настройками."""

    frames: np.ndarray
    audio: AudioSettings
