"""Фронтенд `reference_letters`: 148 символов опубликованных весов, обученных на LJSpeech."""

from __future__ import annotations

from typing import Any

from tts_framework.components import Frontend, Options
from tts_framework.errors import DataError
from tts_framework.hookspecs import hookimpl
from tts_framework.speech.text import ENGLISH_LETTERS, plain

_VOWELS = "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split()
_CONSONANTS = "B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH".split()
_SOUNDS = sorted([*_CONSONANTS, *(vowel + mark for vowel in _VOWELS for mark in ("", *"012"))])
_SIGNS = "!'(),.:;? "
_LETTERS = ENGLISH_LETTERS.upper() + ENGLISH_LETTERS
SYMBOLS = ("_", "-", *_SIGNS, *_LETTERS, *(f"@{sound}" for sound in _SOUNDS))
_REPLACED = str.maketrans({"—": "-", "–": "-", "…": ".", "«": None, "»": None, '"': None})


class ReferenceLetters(Frontend):
    """Строчные английские буквы и знаки; знака конца у эталона нет."""

    class Config(Options):
        """Настроек нет."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self._numbers = {symbol: number for number, symbol in enumerate(SYMBOLS)}

    @property
    def symbols(self) -> tuple[str, ...]:
        return SYMBOLS

    def normalize(self, text: str) -> str:
        text = " ".join(plain(text).translate(_REPLACED).split())
        unknown = dict.fromkeys(char for char in text if char not in self._numbers or char == "_")
        if unknown or not text:
            raise DataError(
                [f"unknown symbol {char!r}; {_advice(char)}" for char in unknown]
                or "there is nothing to say"
            )
        return text

    def encode(self, text: str) -> list[int]:
        return [self._numbers[char] for char in self.normalize(text)]


def _advice(char: str) -> str:
    return "write the number in words" if char.isdigit() else "write it in English letters"


@hookimpl
def ttsf_frontend() -> type[Frontend]:
    """Верни фронтенд `reference_letters`."""
    return ReferenceLetters
