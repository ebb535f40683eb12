"""Монотонное соответствие символов и кадров с наибольшей суммой оценок (MAS, Kim и др., 2020)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def best_durations(scores: NDArray[np.floating], frames: Counts, symbols: Counts) -> Counts:
    """Верни кадры каждого символа `[B, N]`: путь по `scores [B, T, N]` с наибольшей суммой.

    Символы идут подряд, у каждого хотя бы кадр; за `frames [B]` и `symbols [B]` - нули. Цикл один,
    по кадрам: пачка и символы считаются разом.

    Raises:
        ValueError: у клипа кадров меньше, чем символов, или оценки - NaN.
    """
    if (frames < symbols).any() or (symbols < 1).any():
        raise ValueError("every symbol needs a frame: fewer frames than symbols")
    batch, time, width = scores.shape
    moved = np.zeros((time, batch, width), dtype=bool)
    best = np.full((batch, width), -np.inf)
    best[:, 0] = scores[:, 0, 0]
    came = np.full((batch, width), -np.inf)
    for moment in range(1, time):
        came[:, 1:] = best[:, :-1]
        moved[moment] = came > best
        best = np.maximum(best, came) + scores[:, moment]
    return _trace(moved, frames, symbols, width)


def _trace(moved: NDArray[np.bool_], frames: Counts, symbols: Counts, width: int) -> Counts:
    """Пройди пути от концов к началу и посчитай кадры символов."""
    rows = np.arange(len(frames))
    durations = np.zeros((len(frames), width), dtype=np.int64)
    place = symbols - 1
    for moment in range(len(moved) - 1, -1, -1):
        heard = moment < frames
        durations[rows, place] += heard
        place = place - (moved[moment, rows, place] & heard)
    if (durations[np.arange(width) < symbols[:, None]] == 0).any():
        raise ValueError("the scores are not numbers")
    return durations
