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

    `diagonality` - доля веса не дальше `BAND` длины текста от диагонали; `coverage` - доля символов,
    которым хоть один шаг отдал не меньше `NOTICED`; `entropy` - средняя по шагам энтропия в долях
    наибольшей (ln T_text).
    """

    diagonality: float
    coverage: float
    entropy: float


def attention_scores(alignment: np.ndarray) -> AttentionScores:
    """Измерь внимание `[T_mel, T_text]`: строки - шаги декодера или кадры, сумма строки - 1.

    Raises:
        ValueError: матрица пуста, не двумерна или с NaN.
    """
    raise NotImplementedError
