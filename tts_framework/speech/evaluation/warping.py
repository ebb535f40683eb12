"""Динамическое выравнивание по времени (DTW; Sakoe, Chiba, 1978) без ограничений на путь."""

from __future__ import annotations

import numpy as np

_DIAGONAL, _FIRST, _SECOND = np.arange(3, dtype=np.uint8)


def align(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Найди путь наименьшей суммы евклидовых расстояний между `[N, D]` и `[M, D]`.

    Верни пары кадров `[P, 2]` (int64, оба столбца не убывают, края - углы матрицы) и расстояния
    `[P]`. Шаги - (1, 1), (1, 0) и (0, 1) с равным весом, из равных - первый. Матрица идёт по
    антидиагоналям: вся она не хранится, только по байту на клетку для обратного хода.
    """
    moves = _moves(first, second)
    path = _walk_back(moves, len(first), len(second))
    distances = np.linalg.norm(first[path[:, 0]] - second[path[:, 1]], axis=1)
    return path, distances


def _moves(first: np.ndarray, second: np.ndarray) -> list[np.ndarray]:
    """Верни по антидиагоналям, откуда пришёл лучший путь в каждую клетку."""
    n, m = len(first), len(second)
    backwards = np.ascontiguousarray(second[::-1])
    before, last, now = np.full((3, n + 1), np.inf)  # место i - строка i - 1
    before[0] = 0.0  # путь начинается в клетке (0, 0), будто пришёл по диагонали
    moves = []
    for total in range(n + m - 1):
        low, high = max(0, total - m + 1), min(total, n - 1) + 1
        start = m - 1 - total + low
        difference = first[low:high] - backwards[start : start + high - low]
        costs = np.sqrt(np.einsum("td,td->t", difference, difference))
        diagonal, up, left = before[low:high], last[low:high], last[low + 1 : high + 1]
        best = np.minimum(np.minimum(diagonal, up), left)
        moves.append(np.where(best == diagonal, _DIAGONAL, np.where(best == up, _FIRST, _SECOND)))
        now[:] = np.inf
        np.add(costs, best, out=now[low + 1 : high + 1])
        before, last, now = last, now, before
    return moves


def _walk_back(moves: list[np.ndarray], n: int, m: int) -> np.ndarray:
    row, column = n - 1, m - 1
    path = [(row, column)]
    while row or column:
        total = row + column
        move = moves[total][row - max(0, total - m + 1)]
        row -= move != _SECOND
        column -= move != _FIRST
        path.append((row, column))
    return np.array(path[::-1], dtype=np.int64)
