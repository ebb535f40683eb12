"""text: одна запись ударения, явная таблица замен, ни одного потерянного знака."""

from __future__ import annotations

import pytest

from tts_framework.errors import DataError
from tts_framework.speech.text import (
    RUSSIAN_SYMBOLS,
    TYPOGRAPHY,
    SymbolTable,
    normalize_russian,
    plain,
)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("вол+ос", "воло\u0301с"),
        ("воло\u0301с", "воло\u0301с"),
        ("вол+о\u0301с", "воло\u0301с"),
        ("+Окна", "о\u0301кна"),
        ("+ёлка", "ёлка"),
        ("ё\u0301лка", "ёлка"),
        ("е\u0308лка", "ёлка"),
        ("и\u0306од", "йод"),
        ("Всё — все", "всё — все"),
        ("да - нет", "да — нет"),
        ("- Да!", "— да!"),
        ("серо-карие", "серо-карие"),
        ("да -- нет", "да — нет"),
        ("так...", "так…"),
        ("так….", "так…"),
        ("«ёж»", '"ёж"'),
        ("  много \t пробелов\u00a0здесь\n", "много пробелов здесь"),
        ("[вот]", "(вот)"),
        ("пере\u00adнос", "перенос"),
        ("\ufeffпривет", "привет"),
    ],
)
def test_each_way_of_writing_has_one_normal_form(written: str, normal: str) -> None:
    assert normalize_russian(written) == normal


def test_the_table_of_replacements_leads_only_into_the_symbol_table() -> None:
    assert {value for value in TYPOGRAPHY.values() if value} <= set(RUSSIAN_SYMBOLS)
    assert not set(TYPOGRAPHY) & set(RUSSIAN_SYMBOLS)


def test_kept_signs_are_not_replaced() -> None:
    assert plain("«Да»", keep="«»") == "«да»"
    assert plain("«Да»", lowercase=False) == '"Да"'


def test_a_stressed_vowel_is_one_symbol() -> None:
    table = SymbolTable(RUSSIAN_SYMBOLS)
    assert table.split("воло\u0301с") == ["в", "о", "л", "о\u0301", "с"]
    assert len(table.encode("воло\u0301с")) == 5 + 1


def test_the_first_two_numbers_are_padding_and_the_end_of_a_sentence() -> None:
    table = SymbolTable("ab")
    assert table.symbols == ("_", "~", "a", "b")
    assert table.encode("ba") == [3, 2, 1]


def test_padding_and_end_cannot_be_typed() -> None:
    with pytest.raises(DataError) as caught:
        SymbolTable("ab").split("a_b~")
    assert len(caught.value.problems) == 2


def test_every_unknown_symbol_is_named_once_with_place_code_and_advice() -> None:
    table = SymbolTable("абв ", lambda char: f"do something about {char}")
    with pytest.raises(DataError) as caught:
        table.split("аб q бв q ?")
    first, second = caught.value.problems
    assert "'q' (U+0071 LATIN SMALL LETTER Q) at position 4 of the text" in first
    assert first.endswith("do something about q")
    assert "'?' (U+003F QUESTION MARK) at position 11" in second
