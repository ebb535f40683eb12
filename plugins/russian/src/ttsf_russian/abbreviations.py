"""Сокращения: как их узнать и что с ними сделать раньше ru-normalizr."""

from __future__ import annotations

import re

SHORT = (
    "акад вв вт вып га ген гл гр гг г д дом доц долл др им кв кг км коп корп кор л м мин млн млрд"
    " мм наб напр н обл п пер пл пос пр просп проф р рис руб с сек см ср ст стр т табл тел трлн тыс"
    " ул ч чел ш шт э"
).split()
_SHORT = re.compile(rf"(?<![а-яё])(?:{'|'.join(SHORT)})\.(?!\.)")
_CAPITALS = re.compile(r"(?<![А-ЯЁа-яё])[А-ЯЁ]{2,}(?![А-ЯЁа-яё])")


def has_abbreviation(text: str) -> bool:
    """Скажи, есть ли что раскрывать: `т. е.`, `ул.`, `МГУ`."""
    return bool(_SHORT.search(text) or _CAPITALS.search(text))
