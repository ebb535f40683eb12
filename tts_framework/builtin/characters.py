"""Фронтенд `characters`: символ за символом по заданному алфавиту."""

from __future__ import annotations

import unicodedata
from functools import cached_property

from pydantic import Field, field_validator

from tts_framework.components import Frontend, Options
from tts_framework.hookspecs import hookimpl
from tts_framework.speech.text import END, ENGLISH_LETTERS, PAD, PUNCTUATION, SymbolTable, plain


class Characters(Frontend):
    """Принимает любой язык, чьи буквы перечислены в `alphabet`."""

    class Config(Options):
        """Настройки фронтенда."""

        alphabet: str = Field(
            PUNCTUATION + ENGLISH_LETTERS, description="Все допустимые знаки, каждый один раз."
        )
        lowercase: bool = Field(True, description="Приводить текст к строчным буквам.")

        @field_validator("alphabet")
        @classmethod
        def _distinct(cls, alphabet: str) -> str:
            alphabet = unicodedata.normalize("NFC", alphabet)
            wrong = sorted({c for c in alphabet if alphabet.count(c) > 1 or c in PAD + END})
            if wrong or not alphabet:
                raise ValueError(
                    f"alphabet {alphabet!r}: needs distinct symbols without {PAD!r} and {END!r};"
                    f" remove {''.join(wrong)!r}"
                )
            return alphabet

    @cached_property
    def _table(self) -> SymbolTable:
        return SymbolTable(
            self.config.alphabet, lambda char: "remove it or add it to data.frontend.alphabet"
        )

    @property
    def symbols(self) -> tuple[str, ...]:
        return self._table.symbols

    def normalize(self, text: str) -> str:
        return "".join(self._table.split(self._plain(text)))

    def encode(self, text: str) -> list[int]:
        return self._table.encode(self._plain(text))

    def _plain(self, text: str) -> str:
        config = self.config
        return plain(text, lowercase=config.lowercase, keep=config.alphabet)


@hookimpl
def ttsf_frontend() -> type[Frontend]:
    """Верни посимвольный фронтенд."""
    return Characters
