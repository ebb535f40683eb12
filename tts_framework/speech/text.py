"""Текст в символы: таблицы символов, знаки ударения, типографские варианты.

Внутренняя запись ударения одна: U+0301 после гласной (`воло́с`); пара «гласная + U+0301» —
один символ таблицы. На входе годится и `+` перед гласной (`вол+ос`, как в корпусе ru-nsh).
Ё несёт ударение сама, поэтому знак при ней снимается.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache

from tts_framework.errors import DataError

PAD = "_"
END = "~"
STRESS = "\u0301"
VOWELS = "аеиоуыэюя"
RUSSIAN_LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
ENGLISH_LETTERS = "abcdefghijklmnopqrstuvwxyz"
PUNCTUATION = " !\"'(),-.:;?—…"
RUSSIAN_SYMBOLS = (*PUNCTUATION, *RUSSIAN_LETTERS, *(vowel + STRESS for vowel in VOWELS))

# Что заменяется ещё до поиска в таблице; больше ничего не подменяется и не теряется.
TYPOGRAPHY = {
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),  # невидимые
    **dict.fromkeys("«»„“”‟″", '"'),
    **dict.fromkeys("‘’‚‛ʼ`′", "'"),
    **dict.fromkeys("\u2010\u2011", "-"),  # дефисы
    **dict.fromkeys("‒–―−", "—"),
    **dict.fromkeys("[{", "("),
    **dict.fromkeys("]}", ")"),
}
_LOOKALIKES = dict(zip("aceopxykmthbACEOPXYKMTHB", "асеорхукмтнвАСЕОРХУКМТНВ"))
_CONTEXT = 12


def is_spoken(symbol: str) -> bool:
    """Скажи, произносится ли символ: знаки препинания, пробелы и служебные - нет."""
    return any(char.isalnum() for char in symbol)


class SymbolTable:
    """Таблица символов: 0 — заполнитель, 1 — конец предложения, дальше — `symbols`.

    Символ бывает из двух знаков (гласная с ударением); разбор жадный. `advice` по знаку
    подсказывает, что с ним делать.
    """

    def __init__(
        self, symbols: Iterable[str], advice: Callable[[str], str] = lambda char: "remove it"
    ) -> None:
        self.symbols = (PAD, END, *symbols)
        self._numbers = {s: n for n, s in enumerate(self.symbols) if n > 1}
        self._advice = advice
        longest_first = sorted(self._numbers, key=len, reverse=True)
        known = "|".join(map(re.escape, longest_first))
        self._pattern = re.compile(known + "|(?P<bad>.)", re.S)
        self._whole = re.compile(f"(?:{known})*+")

    def split(self, text: str) -> list[str]:
        """Разбей текст на символы таблицы.

        Raises:
            DataError: каждый незнакомый знак назван один раз: место, код и что делать.
        """
        found = list(self._pattern.finditer(text))
        unknown: dict[str, int] = {}
        for match in found:
            if match.group("bad"):
                unknown.setdefault(match.group("bad"), match.start())
        if unknown:
            raise DataError([self.describe(text, *item) for item in unknown.items()])
        return [match.group() for match in found]

    def covers(self, text: str) -> bool:
        """Скажи, состоит ли текст из одних символов таблицы."""
        return self._whole.fullmatch(text) is not None

    def encode(self, text: str) -> list[int]:
        """Верни номера символов нормализованного текста и знак конца предложения."""
        return [*(self._numbers[symbol] for symbol in self.split(text)), 1]

    def describe(self, text: str, char: str, position: int) -> str:
        """Назови знак, его код и место и посоветуй, что с ним делать."""
        name = unicodedata.name(char, "unnamed")
        around = text[max(0, position - _CONTEXT) : position + _CONTEXT + 1]
        return (
            f"unknown symbol {char!r} (U+{ord(char):04X} {name}) at position {position + 1}"
            f" of the text, near {around!r}; {self._advice(char)}"
        )


def plain(text: str, *, lowercase: bool = True, keep: str = "") -> str:
    """Приведи к NFC, замени варианты по `TYPOGRAPHY` (кроме знаков `keep`), сожми пробелы."""
    text = unicodedata.normalize("NFC", text).translate(_replacements(keep))
    text = unicodedata.normalize("NFC", text.lower() if lowercase else text)
    return " ".join(text.split())


@cache
def _replacements(keep: str) -> dict[int, str]:
    return {ord(old): new for old, new in TYPOGRAPHY.items() if old not in keep}


def normalize_russian(text: str) -> str:
    """Приведи русский текст к одной записи: строчные, U+0301, тире между словами, `…`.

    Незнакомые знаки остаются на месте: их назовёт `SymbolTable.split`.
    """
    text = plain(text)
    text = re.sub(rf"\+([{VOWELS}ё]){STRESS}?", rf"\1{STRESS}", text)
    text = text.replace("ё" + STRESS, "ё")
    text = re.sub(r"\.{3,}|\.*…[.…]*", "…", text)
    text = re.sub(r"(?<![^ ])-+(?= )|--+", "—", text)
    return text


def russian_advice(char: str) -> str:
    """Подскажи, чем заменить знак, которого нет в русской таблице."""
    if char == "+":
        return "'+' marks stress only right before a Russian vowel"
    if char == STRESS:
        return "the stress mark goes once, right after a Russian vowel"
    if char.isdigit():
        return "write the number in words"
    if char in _LOOKALIKES:
        return f"replace the Latin letter by the Russian {_LOOKALIKES[char]!r} or spell the word"
    if char.isalpha():
        return "spell the word in Russian letters"
    return "remove it or write it in words"
