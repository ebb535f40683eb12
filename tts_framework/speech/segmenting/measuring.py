"""Измерения клипа: пик, громкость по EBU R128, отношение сигнал/шум, доля ограничения."""

from __future__ import annotations

import math
import warnings

import numpy as np

from tts_framework.speech.segmenting.cutting import Cut
from tts_framework.speech.segmenting.listening import HOPS_PER_SECOND, Heard
from tts_framework.speech.segmenting.regions import quiet

CEILING = 10 ** (-1 / 20)
"""Пик после нормализации громкости не выше -1 dBFS."""
BLOCK = 0.4
"""Окно громкости EBU R128, секунд."""
BEST_SNR = 100.0
AROUND = 15 * HOPS_PER_SECOND


def peak_db(samples: np.ndarray) -> float | None:
    """Верни пик в dBFS; None у тишины."""
    peak = float(np.abs(samples).max(initial=0.0))
    return 20 * math.log10(peak) if peak else None


def loudness_lufs(samples: np.ndarray, rate: int) -> float | None:
    """Верни интегральную громкость (ITU-R BS.1770, EBU R128), LUFS; None у тишины."""
    import pyloudnorm

    short = math.ceil(BLOCK * rate) + 1 - len(samples)
    if short > 0:
        samples = np.pad(samples, (0, short))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = float(pyloudnorm.Meter(rate).integrated_loudness(samples))
    return found if math.isfinite(found) else None


def gain(samples: np.ndarray, rate: int, target: float) -> float:
    """Верни множитель, который приводит громкость к `target` LUFS, не перегружая пик."""
    found = loudness_lufs(samples, rate)
    if found is None:
        return 1.0
    peak = float(np.abs(samples).max())
    return min(10 ** ((target - found) / 20), CEILING / peak)


class Noise:
    """Шум записи вокруг каждого клипа."""

    def __init__(self, heard: Heard, regions: np.ndarray) -> None:
        self._heard = heard
        self._silent = np.flatnonzero(quiet(regions, len(heard.power)))

    def snr_db(self, cut: Cut) -> float | None:
        """Верни отношение речи клипа к шуму пауз в ±15 с; None, если пауз нет."""
        power = self._heard.power
        start, end = _hops(cut.start, cut.end)
        low, high = np.searchsorted(self._silent, (start - AROUND, end + AROUND))
        silent = self._silent[low:high] if high > low else self._silent
        if not len(silent):
            return None
        noise = float(power[silent].mean())
        spoken = np.concatenate([power[slice(*_hops(*region))] for region in cut.speech])
        signal = float(spoken.mean()) - noise if len(spoken) else 0.0
        if noise <= 0:
            return BEST_SNR
        return float(np.clip(10 * math.log10(max(signal / noise, 1e-3)), -30, BEST_SNR))

    def clipped(self, cut: Cut) -> float:
        """Верни долю отсчётов клипа, упёршихся в предел в исходной записи."""
        start, end = _hops(cut.start, cut.end)
        return float(self._heard.clipped[start:end].sum() / (cut.seconds * self._heard.rate))


def _hops(start: float, end: float) -> tuple[int, int]:
    return round(start * HOPS_PER_SECOND), round(end * HOPS_PER_SECOND)
