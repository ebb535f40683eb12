"""Файлы Praat TextGrid: длинный и короткий текстовые форматы, UTF-8 и UTF-16.

Praat читает такой файл как поток отдельно стоящих чисел и строк в кавычках, пропуская остальное
(`xmin =`, `intervals [1]:`), поэтому оба формата разбирает одно и то же.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tts_framework.errors import DataError
from tts_framework.speech.importing.lists import shown

_TOKEN = re.compile(r'"[^"]*(?:""[^"]*)*"|!.*|"|[^\s"!]\S*')
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_OVERLAP = 1e-4


@dataclass(frozen=True)
class Interval:
    """Отрезок слоя, с; `text` пуст там, где молчат."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class TextGrid:
    """Слои интервалов по именам и конец записи, с; точечные слои пропущены."""

    end: float
    tiers: dict[str, tuple[Interval, ...]]


def read(path: Path) -> TextGrid:
    """Прочитай файл.

    Raises:
        DataError: это не текстовый TextGrid или он оборван; названа строка.
    """
    return _Reader(path, _decoded(path)).grid()


def _decoded(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{shown(path)}: cannot be read ({error.strerror})") from error
    if content.startswith(b"ooBinaryFile"):
        raise DataError(f"{shown(path)}: a binary TextGrid; save it as a text file in Praat")
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{shown(path)}: neither UTF-8 nor UTF-16; save it with Praat's text writing"
            " preferences set to UTF-8"
        ) from error


class _Reader:
    """Читает числа и строки по порядку; помнит место для сообщения об ошибке."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._text = path, text
        self._position = 0
        self._tokens = self._scan()

    def grid(self) -> TextGrid:
        """Разбери весь файл."""
        if self._string() != "ooTextFile" or self._string() != "TextGrid":
            raise self._error("not a text TextGrid")
        self._number()
        end = self._number()
        tiers: dict[str, tuple[Interval, ...]] = {}
        for _ in range(self._count() if self._flag() else 0):
            kind, name = self._string(), self._string()
            self._number(), self._number()
            count = self._count()
            if kind == "IntervalTier":
                if name in tiers:
                    raise self._error(f"tier {name!r} is there twice")
                tiers[name] = tuple(self._intervals(count))
            elif kind == "TextTier":
                for _ in range(count):
                    self._number(), self._string()
            else:
                raise self._error(f"tier class {kind!r} is unknown")
        return TextGrid(end, tiers)

    def _intervals(self, count: int) -> Iterator[Interval]:
        previous = float("-inf")
        for _ in range(count):
            interval = Interval(self._number(), self._number(), self._string().strip())
            if interval.end <= interval.start or interval.start < previous - _OVERLAP:
                raise self._error(f"interval {interval.start:g}..{interval.end:g} is out of order")
            previous = interval.end
            yield interval

    def _scan(self) -> Iterator[str]:
        for found in _TOKEN.finditer(self._text):
            self._position = found.start()
            token = found[0]
            if token == '"':
                raise self._error("the quote is not closed")
            if token[0] == '"' or token[0] == "<" or _NUMBER.fullmatch(token):
                yield token
        self._position = len(self._text)

    def _next(self, what: str) -> str:
        token = next(self._tokens, None)
        if token is None:
            raise self._error(f"the file ends where a {what} is expected")
        return token

    def _string(self) -> str:
        token = self._next("text")
        if token[0] != '"':
            raise self._error(f"expected a text, found {token[:40]!r}")
        return token[1:-1].replace('""', '"')

    def _number(self) -> float:
        token = self._next("number")
        if not _NUMBER.fullmatch(token) or not math.isfinite(float(token)):
            raise self._error(f"expected a number, found {token[:40]!r}")
        return float(token)

    def _count(self) -> int:
        number = self._number()
        if number != int(number) or number < 0:
            raise self._error(f"expected a count, found {number:g}")
        return int(number)

    def _flag(self) -> bool:
        return self._next("flag") == "<exists>"

    def _error(self, reason: str) -> DataError:
        line = self._text.count("\n", 0, self._position) + 1
        return DataError(f"{shown(self._path)}:{line}: {reason}; export the TextGrid again")
