"""Отрезки речи -> клипы: резать только в паузах, длина — в заданных пределах."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tts_framework.speech.segmenting.settings import SegmentSettings

LONGEST = 30.0
"""Клип длиннее этого без единой паузы внутри — не речь, которую можно учить; он отбрасывается."""
TOO_LONG = 1000.0
TIGHT = 20.0
TOO_SHORT = 5.0


@dataclass(frozen=True)
class Cut:
    """Клип до записи: границы в секундах, с полями тишины, и отрезки речи внутри."""

    start: float
    end: float
    speech: np.ndarray

    @property
    def seconds(self) -> float:
        """Верни длительность."""
        return self.end - self.start


def cut(regions: np.ndarray, seconds: float, settings: SegmentSettings) -> list[Cut]:
    """Разложи отрезки речи [n, 2] по клипам; поля не заходят дальше середины паузы."""
    pieces: list[tuple[int, int]] = []
    for first, last in _chains(regions, settings.max_pause):
        pieces += [(first + a, first + b) for a, b in _best(regions[first:last], settings)]
    return [_cut(regions, first, last, seconds, settings.margin) for first, last in pieces]


def _chains(regions: np.ndarray, pause: float) -> list[tuple[int, int]]:
    """Раздели отрезки там, где пауза не меньше `pause`: клип через неё не идёт."""
    if not len(regions):
        return []
    breaks = np.flatnonzero(regions[1:, 0] - regions[:-1, 1] >= pause) + 1
    edges = [0, *breaks.tolist(), len(regions)]
    return list(zip(edges[:-1], edges[1:]))


def _best(regions: np.ndarray, settings: SegmentSettings) -> list[tuple[int, int]]:
    """Выбери разбиение цепочки с наименьшей ценой (динамическое программирование)."""
    starts, ends = regions[:, 0].tolist(), regions[:, 1].tolist()
    count = len(starts)
    cost = [0.0] + [math.inf] * count
    previous = [0] * (count + 1)
    for last in range(1, count + 1):
        pause = starts[last] - ends[last - 1] if last < count else math.inf
        here = _pause_cost(pause, settings)
        for first in range(last - 1, -1, -1):
            length = ends[last - 1] - starts[first] + 2 * settings.margin
            total = cost[first] + here + _length_cost(length, settings)
            if total < cost[last]:
                cost[last], previous[last] = total, first
            if length > settings.max_seconds:
                break
    return _walked_back(previous, count)


def _walked_back(previous: list[int], count: int) -> list[tuple[int, int]]:
    pieces = []
    while count:
        pieces.append((previous[count], count))
        count = previous[count]
    return pieces[::-1]


def _pause_cost(pause: float, settings: SegmentSettings) -> float:
    """Назначь цену разреза: длинная пауза дешевле, короче `min_pause` — только при нужде."""
    return settings.min_pause / pause + (TIGHT if pause < settings.min_pause else 0.0)


def _length_cost(seconds: float, settings: SegmentSettings) -> float:
    """Назначь цену длины: внутри пределов почти ноль, чуть дешевле посередине."""
    low, high = settings.min_seconds, settings.max_seconds
    if seconds > high:
        return TOO_LONG * seconds / high
    if seconds < low:
        return TOO_SHORT * (1 + (low - seconds) / low)
    middle = (low + high) / 2
    return 0.25 * ((seconds - middle) / (high - middle)) ** 2


def _cut(regions: np.ndarray, first: int, last: int, seconds: float, margin: float) -> Cut:
    before = regions[first - 1, 1] if first else -math.inf
    after = regions[last, 0] if last < len(regions) else math.inf
    start, end = regions[first, 0], regions[last - 1, 1]
    return Cut(
        max(0.0, start - min(margin, (start - before) / 2)),
        min(seconds, end + min(margin, (after - end) / 2)),
        regions[first:last],
    )
