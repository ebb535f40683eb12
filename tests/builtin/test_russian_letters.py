"""russian_letters: нормализация устойчива, незнакомое названо и никогда не теряется."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.builtin.russian_letters import RussianLetters
from tts_framework.errors import DataError
from tts_framework.plugins import Plugins
from tts_framework.speech.text import RUSSIAN_SYMBOLS, TYPOGRAPHY

FRONTEND = RussianLetters(RussianLetters.Config())
PIECES = [*RUSSIAN_SYMBOLS, *TYPOGRAPHY, "А", "Ё", "Й", "...", "--", "\t", "+а", "+Ю"]
RUSSIAN_TEXT = st.lists(st.sampled_from(PIECES)).map("".join)


@given(RUSSIAN_TEXT)
def test_normalizing_twice_is_normalizing_once(text: str) -> None:
    once = FRONTEND.normalize(text)
    assert FRONTEND.normalize(once) == once
    assert FRONTEND.encode(once) == FRONTEND.encode(text)


@given(RUSSIAN_TEXT)
def test_numbers_spell_the_normal_form(text: str) -> None:
    numbers = FRONTEND.encode(text)
    assert numbers[-1] == 1
    spelled = "".join(FRONTEND.symbols[number] for number in numbers[:-1])
    assert spelled == FRONTEND.normalize(text)


@given(st.text())
def test_any_text_is_either_normalized_or_refused_by_name(text: str) -> None:
    try:
        normal = FRONTEND.normalize(text)
    except DataError as error:
        assert all("unknown symbol" in problem for problem in error.problems)
    else:
        assert FRONTEND.normalize(normal) == normal


@given(st.text(st.characters(categories=["L", "N", "S"]), min_size=1, max_size=5))
def test_no_letter_or_number_disappears(text: str) -> None:
    try:
        assert FRONTEND.normalize(text)
    except DataError:
        pass


def test_both_stress_marks_mean_the_same() -> None:
    assert FRONTEND.encode("з+амок") == FRONTEND.encode("за\u0301мок")
    assert FRONTEND.encode("з+амок") != FRONTEND.encode("зам+ок")
    assert FRONTEND.encode("замок") != FRONTEND.encode("зам+ок")


def test_yo_is_not_ye() -> None:
    assert FRONTEND.encode("всё") != FRONTEND.encode("все")


@pytest.mark.parametrize(
    ("text", "symbol", "advice"),
    [
        ("5 минут", "'5'", "write the number in words"),
        ("привет, world", "'w'", "spell the word in Russian letters"),
        ("привeт", "'e'", "replace the Latin letter by the Russian 'е'"),
        ("во+лос", "'+'", "right before a Russian vowel"),
        ("волос\u0301", "U+0301", "right after a Russian vowel"),
        ("100%", "'%'", "remove it or write it in words"),
        ("a|б", "'|'", "remove it"),
    ],
)
def test_an_unknown_symbol_comes_with_advice(text: str, symbol: str, advice: str) -> None:
    with pytest.raises(DataError) as caught:
        FRONTEND.normalize(text)
    assert any(symbol in problem and advice in problem for problem in caught.value.problems)


def test_symbols_are_distinct_and_fit_the_published_table_size() -> None:
    assert len(set(FRONTEND.symbols)) == len(FRONTEND.symbols) <= 148
    assert FRONTEND.symbols[0] == "_"


def test_is_found_by_its_name() -> None:
    assert Plugins().get("frontend", "russian_letters").__name__ == "RussianLetters"
