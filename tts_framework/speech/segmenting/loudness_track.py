"""Громкость по кадрам и уровень шума вокруг: на этом судит детектор `energy`."""

from __future__ import annotations

import numpy as np

BANDS = ((150.0, 4000.0), (4000.0, 7800.0))
"""Гласные и взрывные слышны в нижней полосе, шипящие — в верхней, Гц."""
SILENCE = -100.0
RANGE = 45.0
"""Шум не ниже громкости речи минус столько дБ: иначе речью стали бы дыхание и отзвук."""
BLOCK = 64
"""Кадров в блоке, по которому ищется шум: две секунды при кадре 32 мс."""
AROUND = 3
"""Шум — самый тихий из стольких блоков в обе стороны."""
SOFTNESS = 1.5
"""Ширина перехода вероятности вокруг порога, дБ."""
FLAT = 6.0
"""Запись с меньшим размахом громкости, дБ, — ровный шум или тишина, речи в ней нет."""


class BandTrack:
    """Копит громкость кадров по полосам: два числа на кадр."""

    def __init__(self, frame: int, sampling_rate: int) -> None:
        self._frame = frame
        self._window = np.hanning(frame).astype(np.float32)
        frequencies = np.fft.rfftfreq(frame, 1 / sampling_rate)
        self._bins = [np.searchsorted(frequencies, band) for band in BANDS]
        self._levels: list[np.ndarray] = []

    def add(self, samples: np.ndarray) -> None:
        """Добавь кадры: float32 [N], `N` кратно длине кадра."""
        spectrum = np.fft.rfft(samples.reshape(-1, self._frame) * self._window)
        power = spectrum.real**2 + spectrum.imag**2
        bands = [power[:, low:high].mean(axis=1) for low, high in self._bins]
        floor = 10 ** (SILENCE / 10)
        self._levels.append((10 * np.log10(np.stack(bands) + floor)).astype(np.float32))

    def levels(self) -> np.ndarray:
        """Верни громкость в дБ: float32 [полос, кадров]."""
        return np.concatenate(self._levels, axis=1)


def above_noise(
    levels: np.ndarray | None, share: float, lowest: float, highest: float
) -> np.ndarray:
    """Переведи громкость [полос, кадров] в вероятность речи [кадров]."""
    if levels is None:
        return np.zeros(0, np.float32)
    excess = np.max([_excess(band, share, lowest, highest) for band in levels], axis=0)
    return (1 / (1 + np.exp(-np.clip(excess / SOFTNESS, -30, 30)))).astype(np.float32)


def _excess(levels: np.ndarray, share: float, lowest: float, highest: float) -> np.ndarray:
    """На сколько дБ громкость выше порога (порог — над шумом вокруг)."""
    speech = np.percentile(levels, 95)
    noise = np.maximum(_noise(levels), speech - RANGE)
    if speech - np.percentile(levels, 5) < FLAT:
        return np.full(len(levels), -np.inf, np.float32)
    return levels - noise - np.clip(share * (speech - noise), lowest, highest)


def _noise(levels: np.ndarray) -> np.ndarray:
    """Оцени шум вокруг каждого кадра: тихие кадры блока, самый тихий из соседних блоков."""
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    starts = np.arange(0, max(1, len(levels) - BLOCK // 2), BLOCK)
    quiet = [np.percentile(levels[s : s + BLOCK], 15) for s in starts]
    lowest = minimum_filter1d(np.array(quiet), 2 * AROUND + 1, mode="nearest")
    smooth = uniform_filter1d(lowest, AROUND, mode="nearest")
    return np.interp(np.arange(len(levels)), starts + BLOCK / 2, smooth)
