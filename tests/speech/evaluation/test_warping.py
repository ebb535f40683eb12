"""DTW: против определения, на любых рядах."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tts_framework.speech.evaluation.warping import align

SERIES = st.integers(1, 9).flatmap(
    lambda n: arrays.arrays(np.float64, (n, 2), elements=st.integers(-5, 5).map(float))
)


def least_sum(first: np.ndarray, second: np.ndarray) -> float:
    """Рекуррентное определение, клетка за клеткой."""
    total = np.full((len(first) + 1, len(second) + 1), np.inf)
    total[0, 0] = 0
    for i, a in enumerate(first, 1):
        for j, b in enumerate(second, 1):
            before = min(total[i - 1, j - 1], total[i - 1, j], total[i, j - 1])
            total[i, j] = before + np.linalg.norm(a - b)
    return float(total[-1, -1])


@given(SERIES, SERIES)
def test_the_path_is_the_cheapest_and_walks_by_single_steps(
    first: np.ndarray, second: np.ndarray
) -> None:
    path, distances = align(first, second)
    assert distances.sum() == pytest.approx(least_sum(first, second))
    assert path[0].tolist() == [0, 0] and path[-1].tolist() == [len(first) - 1, len(second) - 1]
    moves = {tuple(move) for move in np.diff(path, axis=0).tolist()}
    assert moves <= {(1, 1), (1, 0), (0, 1)}


def test_a_slowed_series_costs_nothing() -> None:
    series = np.random.default_rng(1).standard_normal((40, 5))
    path, distances = align(series, np.repeat(series, 3, axis=0))
    assert distances.sum() == 0
    assert (path[:, 1] // 3 == path[:, 0]).all()
