"""Мел-кепстральное расстояние (Kubichek, 1993) с выравниванием DTW.

Рецепт - часть числа: одноимённые числа чужих статей с этим не сравнимы, поэтому рядом с ним
пишется `RECIPE` (или `MEL_RECIPE`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tts_framework.components import Mel, Sound
from tts_framework.errors import DataError
from tts_framework.speech.evaluation import world
from tts_framework.speech.evaluation.warping import align

RECIPE = "mcd-dtw-world23-v1"
MEL_RECIPE = "mcd-dtw-mel13-v1"
HOP_SECONDS = world.HOP_SECONDS
MEL_ORDER = 13

_DECIBELS = 20 / np.log(10)
_MEL_QUIET = 40 / _DECIBELS


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

    `MCD = 10 * sqrt(2) / ln 10 * |c(t) - c'(t')|` без c0: громкость не важна. Тишина по краям
    (ниже -40 дБ от самого громкого кадра) не участвует; если тихо всюду, участвует всё.

    Raises:
        DataError: не установлен `pyworld`; запись короче 50 мс, длиннее минуты или с NaN.
    """
    speeches = [world.analyse(reference), world.analyse(spoken)]
    first, second = [world.mel_cepstra(speech) / np.sqrt(2) for speech in speeches]
    return _compare(first, second, *[world.voiced_part(speech) for speech in speeches])


def mel_mcd_dtw(reference: Mel, spoken: Mel) -> SpectralDistance:
    """Измерь MCD-DTW двух логарифмических mel, без звука и без pyworld.

    Кепстры - косинусное преобразование (DCT-II) логарифмов полос, c1..c13; тишина - кадры, чьё
    среднее на 40 дБ ниже наибольшего.

    Raises:
        DataError: разные настройки звука, пустая mel или NaN.
    """
    import scipy.fft

    if reference.audio != spoken.audio:
        raise DataError("mel: made with other audio settings than the reference; make both alike")
    both = [np.asarray(mel.frames, dtype=np.float64) for mel in (reference, spoken)]
    for name, frames in zip(("reference", "spoken"), both, strict=True):
        if not frames.size or not np.isfinite(frames).all():
            raise DataError(f"{name} mel {list(frames.shape)}: empty, or with NaN or infinities")
    bands = reference.audio.n_mel_channels
    first, second = [
        scipy.fft.dct(frames, axis=0, norm="ortho")[1 : MEL_ORDER + 1].T / np.sqrt(bands)
        for frames in both
    ]
    return _compare(first, second, *[_audible(frames.mean(0)) for frames in both])


def _compare(first: np.ndarray, second: np.ndarray, part: slice, other: slice) -> SpectralDistance:
    """Сравни кепстры `[T, D]` в долях, дающих СКО логарифма модуля по частоте в неперах."""
    path, distances = align(first[part], second[other])
    length, spoken = part.stop - part.start, other.stop - other.start
    mcd, ratio = float(_DECIBELS * distances.mean()), spoken / length
    starts = np.array([part.start, other.start])
    return SpectralDistance(mcd, ratio, path + starts, mcd * max(ratio, 1 / ratio))


def _audible(levels: np.ndarray) -> slice:
    loud = np.flatnonzero(levels > levels.max() - _MEL_QUIET)
    return slice(int(loud[0]), int(loud[-1]) + 1)
