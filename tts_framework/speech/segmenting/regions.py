"""Где говорят: вероятности кадров -> отрезки речи."""

from __future__ import annotations

import numpy as np

from tts_framework.speech.segmenting.listening import HOPS_PER_SECOND, Heard

ONSET = 0.5
OFFSET = 0.35
"""Речь начинается выше ONSET и длится, пока не опустится ниже OFFSET."""
SHORTEST_PAUSE = 0.1
SHORTEST_SPEECH = 0.1
REACH = 0.16
"""На сколько секунд край отрезка сдвигается по громкости: детектор судит кадрами."""
ABOVE_NOISE = 8.0
"""Во столько раз (по мощности) громче шума — ещё речь."""
BELOW_SPEECH = 10**-3.5
"""Тише речи отрезка на 35 дБ — уже отзвук и дыхание, каким бы тихим ни был шум."""


def speech(heard: Heard) -> np.ndarray:
    """Найди отрезки речи: float64 [n, 2], секунды; паузы короче SHORTEST_PAUSE не видны."""
    coarse = _active(heard.probabilities) * heard.frame
    coarse = _joined(coarse, SHORTEST_PAUSE)
    coarse = coarse[coarse[:, 1] - coarse[:, 0] >= SHORTEST_SPEECH]
    edges = _sharpened(coarse, heard.power)
    return _joined(np.clip(edges, 0.0, heard.seconds), SHORTEST_PAUSE)


def quiet(regions: np.ndarray, hops: int) -> np.ndarray:
    """Отметь отрезки по 8 мс вне речи: bool [hops]; края речи с запасом не берутся."""
    loud = np.zeros(hops + 1, np.int32)
    spread = np.rint((regions + [-0.05, 0.05]) * HOPS_PER_SECOND).astype(int).clip(0, hops)
    np.add.at(loud, spread[:, 0], 1)
    np.add.at(loud, spread[:, 1], -1)
    return np.cumsum(loud[:-1]) == 0


def _active(probabilities: np.ndarray) -> np.ndarray:
    """Верни отрезки кадров выше OFFSET, где хоть один выше ONSET: int [n, 2]."""
    over = np.concatenate([[False], probabilities >= OFFSET, [False]])
    runs = np.flatnonzero(over[1:] != over[:-1]).reshape(-1, 2)
    started = np.concatenate([[0], np.cumsum(probabilities >= ONSET)])
    return runs[started[runs[:, 1]] > started[runs[:, 0]]]


def _joined(regions: np.ndarray, pause: float) -> np.ndarray:
    """Соедини отрезки, между которыми меньше `pause` секунд."""
    if len(regions) < 2:
        return regions
    apart = regions[1:, 0] - regions[:-1, 1] >= pause
    first = np.concatenate([[True], apart])
    last = np.concatenate([apart, [True]])
    return np.stack([regions[first, 0], regions[last, 1]], axis=1)


def _sharpened(regions: np.ndarray, power: np.ndarray) -> np.ndarray:
    """Сдвинь края туда, где громкость опускается до шума вокруг."""
    if not len(regions):
        return regions
    levels = _levels_around(regions, power)
    edges = np.rint(regions * HOPS_PER_SECOND).astype(int)
    reach = round(REACH * HOPS_PER_SECOND)
    moved = np.empty_like(edges)
    for n, ((start, end), level) in enumerate(zip(edges, levels)):
        floor = 0 if n == 0 else (edges[n - 1, 1] + start + 1) // 2
        roof = len(power) if n + 1 == len(edges) else (end + edges[n + 1, 0]) // 2
        moved[n] = (
            start - _loud_run(power[max(floor, start - reach) : start][::-1], level),
            end + _loud_run(power[end : min(roof, end + reach)], level),
        )
    return moved / HOPS_PER_SECOND


def _loud_run(power: np.ndarray, level: float) -> int:
    """Сколько отрезков по 8 мс подряд громче `level`."""
    below = np.flatnonzero(power < level)
    return int(below[0]) if len(below) else len(power)


def _levels_around(regions: np.ndarray, power: np.ndarray) -> np.ndarray:
    """Оцени порог для каждого отрезка: медиана тишины в ±10 с с запасом, но не ниже отзвука."""
    silent = np.flatnonzero(quiet(regions, len(power)))
    if not len(silent):
        return np.full(len(regions), np.inf)
    around = 10 * HOPS_PER_SECOND
    levels = []
    for start, end in np.rint(regions * HOPS_PER_SECOND).astype(int):
        low, high = np.searchsorted(silent, (start - around, end + around))
        nearby = silent[low:high] if high > low else silent
        spoken = float(power[start : max(end, start + 1)].mean()) if start < len(power) else 0.0
        levels.append(max(float(np.median(power[nearby])) * ABOVE_NOISE, spoken * BELOW_SPEECH))
    return np.array(levels)
