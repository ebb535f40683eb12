"""Разбор речи вокодером WORLD (Morise и др., 2016): основной тон и мел-кепстры на 16 кГц."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from tts_framework.components import Sound
from tts_framework.errors import DataError
from tts_framework.speech.audio import resample

RATE = 16000
HOP_SECONDS = 0.005
ORDER, ALPHA = 23, 0.42
FLOOR = 1e-8
SHORTEST, LONGEST = 0.05, 60.0
_WINDOW = 400
_QUIET = 10 ** (-40 / 20)
_UNVOICED = 0.5


class Speech(NamedTuple):
    """Отсчёты float64 `[N]` на `RATE` и по кадру каждые `HOP_SECONDS`: F0 Гц (0 - нет голоса)."""

    samples: np.ndarray
    f0: np.ndarray
    times: np.ndarray


def analyse(sound: Sound) -> Speech:
    """Найди F0: DIO, уточнённый StoneMask, голос - где его признаёт и D4C LoveTrain.

    Raises:
        DataError: не установлен `pyworld`; запись короче `SHORTEST`, длиннее `LONGEST` или с NaN.
    """
    world = _world()
    samples = _samples(sound)
    found, times = world.dio(samples, RATE, frame_period=1000 * HOP_SECONDS)
    found = world.stonemask(samples, found, times, RATE)
    aperiodicity = world.d4c(samples, found, times, RATE)[:, 0]
    return Speech(samples, np.where(aperiodicity < _UNVOICED, found, 0.0), times)


def mel_cepstra(speech: Speech) -> np.ndarray:
    """Верни мел-кепстры c1..c23 float64 `[T, 23]` огибающей CheapTrick.

    Кепстр ln|H|, повёрнутый на мел-ось фазовым звеном `ALPHA`, - то же, что `sp2mc` из SPTK.
    Огибающая не опускается ниже `FLOOR` от своего максимума: пустая полоса узкополосной записи -
    не тембр.
    """
    power = _world().cheaptrick(speech.samples, speech.f0, speech.times, RATE)
    cepstra = np.fft.irfft(np.log(np.maximum(power, FLOOR * power.max())), axis=1)
    size = power.shape[1]
    return np.asarray(cepstra[:, 1:size] @ _warping(size)[1:, 1:])


def voiced_part(speech: Speech) -> slice:
    """Верни кадры от первого до последнего громче -40 дБ от самого громкого; тихо - все."""
    padded = np.pad(speech.samples, _WINDOW // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)
    energy = np.square(windows[:: round(HOP_SECONDS * RATE)]).mean(1)[: len(speech.f0)]
    loud = np.flatnonzero(energy > energy.max() * _QUIET**2)
    return slice(int(loud[0]), int(loud[-1]) + 1) if len(loud) else slice(0, len(speech.f0))


def _samples(sound: Sound) -> np.ndarray:
    seconds = len(sound.samples) / sound.sampling_rate
    if sound.samples.ndim != 1 or not SHORTEST <= seconds <= LONGEST:
        raise DataError(
            f"{sound.tag}: {seconds:.2f} s of shape {list(sound.samples.shape)}; one channel of"
            f" {SHORTEST:g} to {LONGEST:g} s can be measured, cut it"
        )
    if not np.isfinite(sound.samples).all():
        raise DataError(f"{sound.tag}: contains NaN or infinite samples; replace it")
    return np.ascontiguousarray(resample(sound.samples, sound.sampling_rate, RATE), np.float64)


@lru_cache(maxsize=2)
def _warping(size: int) -> np.ndarray:
    """Верни матрицу `[size, ORDER + 1]` частотного преобразования кепстра (Oppenheim, 1972)."""
    rows = np.zeros((size, ORDER + 1))
    rows[0, 0] = 1.0
    gain = 1 - ALPHA**2
    for row in range(1, size):  # умножение на ещё одно фазовое звено
        before, own = rows[row - 1], rows[row]
        own[0] = ALPHA * before[0]
        own[1] = gain * before[0] + ALPHA * before[1]
        for column in range(2, ORDER + 1):
            own[column] = before[column - 1] + ALPHA * (before[column] - own[column - 1])
    return rows


def _world() -> Any:
    try:
        import pyworld
    except ImportError as error:
        raise DataError(
            "evaluation: pyworld is not installed; run pip install 'tts-framework[evaluate]'"
        ) from error
    return pyworld
