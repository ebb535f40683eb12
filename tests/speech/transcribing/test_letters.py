"""Сравнение текстов не видит того, чего не слышно."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.speech.transcribing.letters import cer, letters, wer


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't stop -- NOW!", "dont stop now"),
        ("Ещё вол+ос, за́мок; «ёж».", "еще волос замок еж"),
        ("twenty-one  times\n", "twenty one times"),
        ("room 15", "room 15"),
        ("... !?", ""),
    ],
)
def test_keeps_what_can_be_heard(text: str, expected: str) -> None:
    assert letters(text) == expected


def test_counts_wrong_letters_and_words() -> None:
    assert cer("The cat sat.", "the cut sat") == pytest.approx(1 / 11)
    assert wer("The cat sat.", "the cut sat") == pytest.approx(1 / 3)
    assert (cer("", "word"), cer("", ""), cer("word", "")) == (1, 0, 1)


@given(st.text(), st.text())
def test_a_text_is_at_no_distance_from_itself_however_it_is_written(a: str, b: str) -> None:
    assert letters(letters(a)) == letters(a)
    assert cer(a, a) == 0
    assert cer(a, b) >= 0
