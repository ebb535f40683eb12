"""Меры внимания и срывы: по матрицам, где ответ известен."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tts_framework.speech.evaluation.attention import attention_scores
from tts_framework.speech.evaluation.failures import FAILURES, free_running_failures

SYMBOLS, PACE = 30, 6


def path(places: list[int], symbols: int = SYMBOLS) -> np.ndarray:
    """Внимание, которое на каждом шаге целиком на одном символе."""
    return np.eye(symbols)[places]


def reading(first: int = 0, last: int = SYMBOLS) -> list[int]:
    return [place for place in range(first, last) for _ in range(PACE)]


def test_a_diagonal_is_diagonal_complete_and_sharp() -> None:
    scores = attention_scores(path(reading()))
    assert (scores.diagonality, scores.coverage, scores.entropy) == (1, 1, 0)


def test_uniform_attention_is_neither() -> None:
    scores = attention_scores(np.full((180, SYMBOLS), 1 / SYMBOLS))
    assert scores.diagonality == pytest.approx(0.19, abs=0.02)
    assert scores.coverage == 0
    assert scores.entropy == pytest.approx(1)


def test_one_symbol_is_no_division_by_zero() -> None:
    scores = attention_scores(np.ones((4, 1)))
    assert scores.coverage == 1 and scores.entropy == 0


def test_a_calm_reading_has_no_failures() -> None:
    assert free_running_failures(path(reading()), True) == set()


def test_the_last_sign_may_stay_unread_but_not_the_last_word() -> None:
    assert free_running_failures(path(reading(last=SYMBOLS - 3)), True) == set()
    assert free_running_failures(path(reading(last=SYMBOLS - 4)), True) == {"early_stop"}


def test_a_phrase_that_did_not_stop_is_not_an_early_stop() -> None:
    assert free_running_failures(path(reading(last=10)), False) == {"no_stop"}


@pytest.mark.parametrize(("gap", "failures"), [(4, set()), (5, {"skipped"})])
def test_more_than_four_unread_symbols_are_a_skip(gap: int, failures: set[str]) -> None:
    places = reading(last=12) + reading(first=12 + gap)
    assert free_running_failures(path(places), True) == failures


@pytest.mark.parametrize(("back", "failures"), [(3, set()), (4, {"repeated"})])
def test_a_return_by_more_than_three_symbols_is_a_repeat(back: int, failures: set[str]) -> None:
    places = reading(last=16) + reading(first=15 - back)
    assert free_running_failures(path(places), True) == failures


def test_a_jump_of_one_step_is_not_heard() -> None:
    places = reading()
    places[40], places[90] = SYMBOLS - 1, 0
    assert free_running_failures(path(places), True) == set()


def test_long_steps_are_not_smoothed_away() -> None:
    """При reduction factor 5 и шаге 62 мс возврат на два шага слышен, а при 12.5 мс - нет."""
    places = [*range(0, 20), 2, 2, *range(20, SYMBOLS)]
    assert free_running_failures(path(places), True, step_seconds=0.0625) == {"repeated"}
    assert free_running_failures(path(places), True, step_seconds=0.0125) == set()


@pytest.mark.parametrize("symbols", [4, 5, 9, 30, 100])
def test_uniform_attention_fails_on_texts_of_any_length(symbols: int) -> None:
    weights = np.full((60, symbols), 1 / symbols)
    assert free_running_failures(weights, True) & {"early_stop", "skipped"}


@given(
    arrays.arrays(
        np.float64,
        st.tuples(st.integers(1, 40), st.integers(1, 12)),
        elements=st.floats(0.01, 1),
    ),
    st.booleans(),
)
def test_any_attention_is_judged(raw: np.ndarray, stopped: bool) -> None:
    weights = raw / raw.sum(1, keepdims=True)
    failures = free_running_failures(weights, stopped)
    assert failures <= set(FAILURES)
    assert ("no_stop" in failures) is not stopped
    scores = attention_scores(weights)
    assert 0 <= min(scores.diagonality, scores.coverage, scores.entropy)
    assert max(scores.diagonality, scores.coverage, scores.entropy) <= 1 + 1e-9


@pytest.mark.parametrize(
    "weights", [np.zeros((0, 3)), np.zeros(3), np.full((2, 2), np.nan), -np.eye(2)]
)
def test_what_is_not_attention_is_refused(weights: np.ndarray) -> None:
    for measure in (attention_scores, lambda w: free_running_failures(w, True)):
        with pytest.raises(ValueError, match="alignment"):
            measure(weights)
