"""Сшивка: ни одного отсчёта не потеряно, куски не видны, шов без щелчка."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.synthesis.joining import FADE_SECONDS, Joiner

RATE = 1000
FADE = int(FADE_SECONDS * RATE)


def joined(phrases: list[list[np.ndarray]]) -> np.ndarray:
    joiner, parts = Joiner(RATE), []
    for number, pieces in enumerate(phrases):
        parts += [joiner.push(piece) for piece in pieces]
        if number + 1 < len(phrases):
            parts.append(joiner.end_phrase())
    return np.concatenate([*parts, joiner.end_line()])


def cut(samples: np.ndarray, places: list[int]) -> list[np.ndarray]:
    return np.split(samples, sorted(min(place, len(samples)) for place in places))


def test_one_phrase_is_left_as_it_is() -> None:
    samples = np.arange(100, dtype=np.float32)
    assert np.array_equal(joined([[samples]]), samples)


def test_phrases_fade_into_each_other() -> None:
    whole = joined([[np.zeros(50, np.float32)], [np.ones(50, np.float32)]])
    assert len(whole) == 100 - FADE
    assert (np.diff(whole) >= 0).all() and np.diff(whole).max() < 2 / FADE
    assert whole[0] == 0 and whole[-1] == 1


@given(
    st.lists(st.integers(0, 90), min_size=1, max_size=5),
    st.lists(st.integers(0, 90), max_size=6),
)
def test_the_pieces_cannot_be_heard(lengths: list[int], places: list[int]) -> None:
    rng = np.random.default_rng(sum(lengths))
    phrases = [rng.normal(size=length).astype(np.float32) for length in lengths]
    whole = joined([[phrase] for phrase in phrases])
    assert np.array_equal(joined([cut(phrase, places) for phrase in phrases]), whole)
    if min(lengths) >= 2 * FADE:
        assert len(whole) == sum(lengths) - FADE * (len(lengths) - 1)


def test_a_phrase_shorter_than_the_fade_is_kept() -> None:
    short = np.full(FADE // 2, 0.5, np.float32)
    whole = joined([[np.zeros(50, np.float32)], [short], [np.ones(50, np.float32)]])
    assert len(whole) == 100 and whole[-1] == 1
    assert ((whole >= 0.5) & (whole < 1)).sum() == len(short)
