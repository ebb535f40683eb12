"""Правило чтения: образец и замена."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from re import Match

Replacement = str | Callable[[Match[str]], str]
Rule = tuple[re.Pattern[str], Replacement]


def rules(*pairs: tuple[str, Replacement]) -> list[Rule]:
    """Собери правила; буквы образца любые, `(?-i:...)` внутри него — как написаны."""
    return [(re.compile(pattern, re.I), replacement) for pattern, replacement in pairs]


def apply(text: str, found: Iterable[Rule]) -> str:
    """Примени правила по порядку."""
    for pattern, replacement in found:
        text = pattern.sub(replacement, text)
    return text


def either(words: Iterable[str]) -> str:
    """Запиши образец «одно из слов»: длинные раньше своих начал."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
