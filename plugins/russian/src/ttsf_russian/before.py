"""Все свои правила чтения по порядку; что не тронуто, прочтёт ru-normalizr."""

from __future__ import annotations

from ttsf_russian.latin import LATIN, read_latin
from ttsf_russian.reading import (
    dates,
    ordinals,
    places,
    quantities,
    references,
    shortenings,
    signs,
)
from ttsf_russian.reading.rule import Rule, apply, rules

HINT = "\ue000"
"""Отделяет подлежащее от числа, чтобы оно осталось в именительном падеже; потом убирается."""

_SUBJECT = "цена|стоимость|сумма|ставка|скидка|оклад|зарплата|итого|всего|счет|счёт|остаток"
_RULES: list[Rule] = [
    *dates.RULES,
    *signs.RULES,
    *shortenings.RULES,
    *places.RULES,
    *references.RULES,
    *quantities.RULES,
    *rules((rf"\b({_SUBJECT}) (?=\d)", rf"\1 {HINT} ")),
    *ordinals.RULES,
    *rules((rf"\b(ко?) (\d+) и (\d+) (?={dates.MONTH})", r"\1 \2-му и \3-му ")),
]


def rewrite(text: str) -> str:
    """Раскрой то, что библиотека читает неверно; прочее оставь ей."""
    return LATIN.sub(lambda match: read_latin(match.group()), apply(text, _RULES))
