"""Шаблон `trainer.command`: слова делятся один раз, до подстановки, и без оболочки.

Подставленное значение не делится на слова и не раскрывается, что бы в нём ни было.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from tts_framework.errors import TTSFError

PLACES = (
    "config",
    "output_dir",
    "log_directory",
    "log_dir",
    "checkpoint",
    "hparams",
    "hparams_file",
    "seed",
    "trial",
    "from_iteration",
    "until_iteration",
    "iterations",
    "interval",
)
"""Места, которые знает шаблон."""

PLACE = re.compile(r"\{\{(?P<literal>\w*)\}\}|\{(?P<name>\w*)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_OPEN, _CLOSE = "\x01", "\x02"

Places = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True)
class _Piece:
    """Кусок слова; `group` — номер необязательной части, в которой он стоит."""

    text: str
    group: int | None


class CommandTemplate:
    """Разобранный шаблон команды.

    `{место}` заменяется значением, `{{место}}` — текстом `{место}`; часть в `[скобках]` с местом
    выпадает целиком, если хотя бы одно её место пусто; скобки без мест — обычный текст.

    Raises:
        TTSFError: кавычки не закрыты, скобки вложены, в тексте управляющие знаки.
    """

    def __init__(self, text: str) -> None:
        if not all(character.isprintable() or character.isspace() for character in text):
            raise TTSFError("holds control characters; remove them")
        marked = _OPTIONAL.sub(self._mark, text)
        depths = _depths(_OPTIONAL.sub("", text))
        if any(depths):
            raise TTSFError("brackets do not pair up; write optional parts as [-c {checkpoint}]")
        try:
            words = shlex.split(marked)
        except ValueError as error:
            raise TTSFError(f"{str(error).lower()}; close the quotes") from error
        self._groups: list[set[str]] = []
        self._words = self._parsed(words)

    @property
    def places(self) -> tuple[str, ...]:
        """Верни имена мест в порядке появления."""
        return tuple(name for word in self._words for piece in word for name in _names(piece.text))

    @property
    def standing_alone(self) -> frozenset[str]:
        """Верни места, каждое вхождение которых — отдельное слово."""
        alone = [word[0].text[1:-1] for word in self._words if _alone(word)]
        return frozenset(name for name in alone if alone.count(name) == self.places.count(name))

    @property
    def program(self) -> str:
        """Верни первое слово; пустое, если шаблон пуст."""
        return "".join(piece.text for piece in self._words[0]) if self._words else ""

    def words(self, places: Places) -> list[str]:
        """Подставь значения; кортеж на месте отдельного слова становится несколькими словами."""
        dropped = {
            number
            for number, names in enumerate(self._groups)
            if not all(places.get(name) for name in names)
        }
        argv: list[str] = []
        for word in self._words:
            kept = [piece for piece in word if piece.group not in dropped]
            if kept:
                argv += _filled(kept, places)
        return argv

    @staticmethod
    def _mark(match: re.Match[str]) -> str:
        return f"{_OPEN}{match[1]}{_CLOSE}" if _names(match[1]) else match[0]

    def _parsed(self, words: list[str]) -> list[list[_Piece]]:
        parsed, group = [], None
        for word in words:
            pieces: list[_Piece] = []
            for part in re.split(f"([{_OPEN}{_CLOSE}])", word):
                if part == _OPEN:
                    group = len(self._groups)
                    self._groups.append(set())
                elif part == _CLOSE:
                    group = None
                elif part or word == "":
                    pieces.append(_Piece(part, group))
                    if group is not None:
                        self._groups[group].update(_names(part))
            if pieces:
                parsed.append(pieces)
        return parsed


def _filled(pieces: list[_Piece], places: Places) -> list[str]:
    if _alone(pieces):
        value = places.get(pieces[0].text[1:-1])
        if isinstance(value, tuple):
            return list(value)
    return ["".join(PLACE.sub(lambda m: _value(m, places), piece.text) for piece in pieces)]


def _value(match: re.Match[str], places: Places) -> str:
    if match["literal"] is not None:
        return f"{{{match['literal']}}}"
    value = places.get(match["name"], match[0])
    if isinstance(value, tuple):
        raise TTSFError(
            f"trainer.command: {match[0]} becomes several words here; put spaces around it"
        )
    return value


def _names(text: str) -> list[str]:
    return [match["name"] for match in PLACE.finditer(text) if match["name"] is not None]


def _alone(word: list[_Piece]) -> bool:
    match = PLACE.fullmatch(word[0].text) if len(word) == 1 else None
    return match is not None and match["name"] is not None


def _depths(text: str) -> list[int]:
    return [{"[": 1, "]": -1}.get(character, 0) for character in text]
