"""Правила чтения: смягчение, редукция, озвончение, исключения."""

from __future__ import annotations

import pytest

from ttsf_russian import Russian
from ttsf_russian.phonemes import phonemes


@pytest.mark.parametrize(
    ("letters", "spoken"),
    [
        ("она́", "a n aa"),
        ("голова́", "g ay l a v aa"),
        ("вода́ми", "v a d aa mm i"),
        ("дуб", "d uu p"),
        ("про́сьба", "p r oo zz b a"),
        ("сде́лать", "z dd ee l ay tt"),
        ("к дому́", "g d a m uu"),
        ("в ла́пе", "v l aa pp e"),
        ("в пе́чке", "f pp ee ch kk e"),
        ("бои́тся", "b a ii c a"),
        ("учи́ться", "u ch ii tt c a"),
        ("моего́", "m ay j e v oo"),
        ("до́брого", "d oo b r ay v a"),
        ("мно́го", "m n oo g a"),
        ("что", "sh t oo"),
        ("коне́чно", "k a nn ee sh n a"),
        ("счёт", "sch oo t"),
        ("ёж", "j oo sh"),
        ("семья́", "ss i mm j aa"),
        ("объём", "a b j oo m"),
        ("жизнь", "zh ii z nn"),
        ("че́стный", "ch ee s n ay j"),
    ],
)
def test_reads_by_the_rules(letters: str, spoken: str) -> None:
    assert phonemes(letters).replace("·", " ").split() == spoken.split()


def test_punctuation_stays_and_phones_are_one_symbol_each() -> None:
    frontend = Russian(Russian.Config(output="phonemes"))
    assert frontend.normalize("ма́ма, дом!") == "·m·aa·m·a, ·d·oo·m!"
    assert len(frontend.encode("ма́ма, дом!")) == 4 + 2 + 3 + 1 + 1
