"""Классы распознавателя: то, что слышно, и ничего больше."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts_framework.components import Frontend
from tts_framework.evaluation.recognizer.alphabet import Alphabet, errors, heard, words
from tts_framework.evaluation.recognizer.clips import symbols_of
from tts_framework.speech.transcribing.letters import letters


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("а", "а"),
        ("а\u0301", "а"),
        ("ё", "е"),
        ("й", "й"),
        ("·sch", "sch"),
        (" ", " "),
        ("—", " "),
        ("!", " "),
        ("'", ""),
    ],
)
def test_a_symbol_is_what_is_heard_of_it(symbol: str, expected: str) -> None:
    assert heard(symbol) == expected


def test_stress_marks_and_yo_do_not_make_classes(russian: Frontend) -> None:
    alphabet = Alphabet.of(russian.symbols)
    assert "".join(sorted(alphabet.labels)) == "абвгдежзийклмнопрстуфхцчшщъыьэюя"
    assert len(alphabet) == 32 + 2  # пропуск CTC и граница слов


@given(text=st.lists(st.sampled_from(["а", "б", "ё", "о\u0301", "й", *" ,.—!?-'"]), min_size=1))
@settings(max_examples=50)
def test_the_classes_spell_what_a_transcript_would(text: list[str], russian: Frontend) -> None:
    alphabet = Alphabet.of(russian.symbols)
    spelled = alphabet.text(alphabet.encode(symbols_of(russian, "".join(text))))
    assert spelled == letters(russian.normalize("".join(text)))


def test_phones_are_classes_too() -> None:
    alphabet = Alphabet.of((" ", "·a", "·sch", "."))
    numbers = alphabet.encode(["·sch", "·a", " ", "·a", "."])
    assert alphabet.labels == ("a", "sch")
    assert alphabet.text(numbers) == "sch·a a"


def test_borders_at_the_edges_and_in_a_row_mean_nothing() -> None:
    assert words([1, 1, 5, 1, 1, 6, 1]) == [5, 1, 6]
    assert words([1, 1]) == []


def test_errors_are_edits() -> None:
    assert errors([2, 3, 4], [2, 4, 5]) == 2
    assert errors([2, 3], []) == 2
