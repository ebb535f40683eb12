"""Основной тон и его расстояние до эталона."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tts_framework.components import Sound


@dataclass(frozen=True)
class PitchDistance:
    """Ошибки вдоль пути DTW.

    `log_f0_rmse` - СКО ln F0 на кадрах, где голос есть в обеих (0.0578 - полутон; NaN, если таких
    кадров нет); `vuv_error` - доля кадров пути, где голос есть только в одной, 0-1.
    """

    log_f0_rmse: float
    vuv_error: float


def pitch_track(sound: Sound) -> np.ndarray:
    """Верни F0 в Гц float64 `[T]` каждые `spectral.HOP_SECONDS`; NaN - голоса нет.

    Raises:
        DataError: не установлен `pyworld`; запись короче 50 мс, длиннее минуты или с NaN.
    """
    raise NotImplementedError


def pitch_distance(reference: Sound, spoken: Sound, path: np.ndarray) -> PitchDistance:
    """Сравни основной тон вдоль `path` `[P, 2]` из `spectral.mcd_dtw`.

    Raises:
        DataError: как у `pitch_track`; ValueError: путь выходит за записи.
    """
    raise NotImplementedError
