"""Мел-кепстральное расстояние (Kubichek, 1993) с выравниванием DTW.

Рецепт - часть числа: одноимённые числа чужих статей с этим не сравнимы, поэтому рядом с ним
пишется `RECIPE` (или `MEL_RECIPE`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tts_framework.components import Mel, Sound

RECIPE = "mcd-dtw-world23-v1"
MEL_RECIPE = "mcd-dtw-mel13-v1"
HOP_SECONDS = 0.005


@dataclass(frozen=True)
class SpectralDistance:
    """Расстояние до эталона.

    `mcd_db` - средняя по пути дБ, 0 у одинаковых; `mcd_length_db` - она же, умноженная на отношение
    длин (не меньше 1); `duration_ratio` - длина сказанного к длине эталона без тишины по краям;
    `path` `[P, 2]`, int64 - пары (кадр эталона, кадр сказанного) по `HOP_SECONDS` от начала записей
    (у `mel_mcd_dtw` - кадры mel), оба столбца не убывают.
    """

    mcd_db: float
    duration_ratio: float
    path: np.ndarray
    mcd_length_db: float


def mcd_dtw(reference: Sound, spoken: Sound) -> SpectralDistance:
    """Измерь MCD-DTW двух записей по кепстрам WORLD.

    Raises:
        DataError: не установлен `pyworld`; запись короче 50 мс, длиннее минуты или с NaN.
    """
    raise NotImplementedError


def mel_mcd_dtw(reference: Mel, spoken: Mel) -> SpectralDistance:
    """Измерь MCD-DTW двух логарифмических mel, без звука и без pyworld.

    Raises:
        DataError: разные настройки звука, пустая mel или NaN.
    """
    raise NotImplementedError
