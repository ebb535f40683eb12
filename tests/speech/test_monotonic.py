"""Монотонный путь с наибольшей суммой: то же, что полный перебор."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts_framework.speech.phones.monotonic import best_durations


def brute(scores: np.ndarray) -> list[int]:
    """Перебери все пути, где каждому символу достаётся хотя бы кадр."""
    frames, symbols = scores.shape
    found = []
    for cut in itertools.combinations(range(1, frames), symbols - 1):
        edges = [0, *cut, frames]
        total = sum(scores[a:b, n].sum() for n, (a, b) in enumerate(itertools.pairwise(edges)))
        found.append((total, np.diff(edges).tolist()))
    return list(max(found)[1])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 4)), min_size=1, max_size=4),
    st.integers(0, 2**31),
)
def test_it_is_the_best_of_all_paths(sizes: list[tuple[int, int]], seed: int) -> None:
    symbols = np.array([size for size, _ in sizes])
    frames = symbols + np.array([more for _, more in sizes])
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(len(sizes), frames.max(), symbols.max()))
    found = best_durations(scores, frames, symbols)
    for row, (time, width) in enumerate(zip(frames, symbols, strict=True)):
        assert found[row, :width].tolist() == brute(scores[row, :time, :width])
        assert not found[row, width:].any()


def test_fewer_frames_than_symbols_is_an_error() -> None:
    with pytest.raises(ValueError, match="fewer frames than symbols"):
        best_durations(np.zeros((1, 2, 3)), np.array([2]), np.array([3]))


def test_scores_that_are_no_numbers_are_an_error() -> None:
    with pytest.raises(ValueError, match="not numbers"):
        best_durations(np.full((1, 4, 3), np.nan), np.array([4]), np.array([3]))
