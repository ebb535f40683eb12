"""Фронтенд `russian_letters`: русские буквы, знаки ударения и препинания."""

from __future__ import annotations

from functools import cached_property

from tts_framework.components import Frontend
from tts_framework.hookspecs import hookimpl
from tts_framework.speech.text import (
    RUSSIAN_SYMBOLS,
    SymbolTable,
    normalize_russian,
    russian_advice,
)


class RussianLetters(Frontend):
    """Различает ё и е, ударные и безударные гласные; ударение — `+` перед или U+0301 после."""

    @cached_property
    def _table(self) -> SymbolTable:
        return SymbolTable(RUSSIAN_SYMBOLS, russian_advice)

    @property
    def symbols(self) -> tuple[str, ...]:
        return self._table.symbols

    def normalize(self, text: str) -> str:
        return "".join(self._table.split(normalize_russian(text)))

    def encode(self, text: str) -> list[int]:
        return self._table.encode(normalize_russian(text))


@hookimpl
def ttsf_frontend() -> type[Frontend]:
    """Верни фронтенд русского текста."""
    return RussianLetters
