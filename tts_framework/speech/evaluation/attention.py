"""Меры одной матрицы внимания."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BAND = 0.1
"""Полуширина диагонали, доля длины текста."""
NOTICED = 0.1
"""Вес, с которого символ считается замеченным."""


@dataclass(frozen=True)
class AttentionScores:
    """Все - от 0 до 1.

    `diagonality` - доля веса не дальше `BAND` длины текста от диагонали; `coverage` - доля
    символов, которым хоть один шаг отдал не меньше `NOTICED`; `entropy` - средняя по шагам
    энтропия в долях наибольшей (ln T_text).
    """

    diagonality: float
    coverage: float
    entropy: float


def attention_scores(alignment: np.ndarray) -> AttentionScores:
    """Измерь внимание `[T_mel, T_text]`: строки - шаги декодера или кадры, сумма строки - 1.

    Raises:
        ValueError: матрица пуста, не двумерна, с NaN или отрицательными весами.
    """
    weights = checked(alignment)
    steps, symbols = weights.shape
    done = (np.arange(steps)[:, None] + 0.5) / steps
    read = (np.arange(symbols)[None] + 0.5) / symbols
    near = np.abs(done - read) <= BAND
    logs = np.log(weights, out=np.zeros_like(weights), where=weights > 0)
    spread = -(weights * logs).sum(1).mean() / np.log(max(symbols, 2))
    return AttentionScores(
        float((weights * near).sum() / steps),
        float((weights.max(0) >= NOTICED).mean()),
        float(np.clip(spread, 0, 1)),
    )


def checked(alignment: np.ndarray) -> np.ndarray:
    """Верни матрицу float64, если это внимание.

    Raises:
        ValueError: матрица пуста, не двумерна, с NaN или отрицательными весами.
    """
    weights = np.asarray(alignment, dtype=np.float64)
    if weights.ndim != 2 or not weights.size:
        raise ValueError(f"alignment {list(weights.shape)}: expected [steps, symbols], not empty")
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise ValueError("alignment: expected weights from 0 to 1, got NaN or negative ones")
    return weights
