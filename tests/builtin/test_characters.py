"""characters: допустимы только перечисленные знаки."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tts_framework.builtin.characters import Characters
from tts_framework.errors import DataError
from tts_framework.plugins import Plugins


def make(**options: object) -> Characters:
    return Characters(Characters.Config.model_validate(options))


def test_english_is_read_out_of_the_box() -> None:
    frontend = make()
    assert frontend.normalize("  “Hello”,  World! ") == '"hello", world!'
    assert [frontend.symbols[n] for n in frontend.encode("Hi.")] == ["h", "i", ".", "~"]


def test_another_language_needs_only_its_alphabet() -> None:
    frontend = make(alphabet=" abcçdeğ")
    assert frontend.normalize("DEĞ Ç") == "değ ç"
    assert frontend.normalize("c\u0327") == "ç"


def test_an_alphabet_in_decomposed_form_is_composed() -> None:
    assert make(alphabet="c\u0327a").normalize("ç") == "ç"


def test_case_can_be_kept() -> None:
    assert make(alphabet="Aa", lowercase=False).encode("aA") == [3, 2, 1]


def test_signs_of_the_alphabet_are_not_replaced_by_typography() -> None:
    assert make(alphabet="«»a").normalize("«a»") == "«a»"


def test_an_unknown_symbol_is_named_with_the_key_to_change() -> None:
    with pytest.raises(DataError, match=r"'7' \(U\+0037 DIGIT SEVEN\).*data.frontend.alphabet"):
        make().encode("route 7")


@pytest.mark.parametrize("alphabet", ["", "aab", "ab_", "a~"])
def test_an_alphabet_with_repeated_or_reserved_symbols_is_refused(alphabet: str) -> None:
    with pytest.raises(ValidationError, match="distinct symbols"):
        Characters.Config(alphabet=alphabet)


@given(st.text())
def test_normalizing_twice_is_normalizing_once(text: str) -> None:
    frontend = make(alphabet="".join(sorted(set(text) - set("_~"))) or "a", lowercase=False)
    try:
        once = frontend.normalize(text)
    except DataError:
        return
    assert frontend.normalize(once) == once


def test_is_found_by_its_name() -> None:
    assert Plugins().get("frontend", "characters").__name__ == "Characters"
