"""Основной тон и его расстояние до эталона."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tts_framework.components import Sound
from tts_framework.speech.evaluation import world


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

    DIO и StoneMask (WORLD), 71-800 Гц; голос - там, где его признаёт и D4C LoveTrain: DIO один
    находит его и в шуме.

    Raises:
        DataError: не установлен `pyworld`; запись короче 50 мс, длиннее минуты или с NaN.
    """
    f0 = world.analyse(sound).f0
    return np.where(f0 > 0, f0, np.nan)


def pitch_distance(reference: Sound, spoken: Sound, path: np.ndarray) -> PitchDistance:
    """Сравни основной тон вдоль `path` `[P, 2]` из `spectral.mcd_dtw`.

    Raises:
        DataError: как у `pitch_track`; IndexError: путь выходит за записи.
    """
    ours, theirs = pitch_track(reference)[path[:, 0]], pitch_track(spoken)[path[:, 1]]
    voiced, also = np.isfinite(ours), np.isfinite(theirs)
    both = voiced & also
    error = np.log(theirs[both] / ours[both])
    rmse = float(np.sqrt(np.square(error).mean())) if both.any() else float("nan")
    return PitchDistance(rmse, float((voiced != also).mean()))
