"""Путь текста: запись -> словами -> ё и ударения -> буквы или фонемы."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from tts_framework.errors import DataError
from tts_framework.speech.text import (
    RUSSIAN_SYMBOLS,
    SymbolTable,
    normalize_russian,
    russian_advice,
)
from ttsf_russian.abbreviations import has_abbreviation
from ttsf_russian.stress import Decision, Stress
from ttsf_russian.words import WORD, is_marked

if TYPE_CHECKING:
    from ttsf_russian import Russian
    from ttsf_russian.expansion import Expansion

RULES = "2"
"""Версия собственных правил; растёт, когда от них меняется текст."""
ROUNDS = 4
LONGEST_WORD = 300

_DROPPED = re.compile(r"[©®™¹\ud800-\udfff]|(?<![мA-Za-z])(?<!/с)[²³]")
_ENDLESS = re.compile(rf"[^\W_]{{{LONGEST_WORD + 1}}}")
_LETTERS = SymbolTable(RUSSIAN_SYMBOLS, russian_advice)


class Pipeline:
    """Нормализует текст; модели загружаются, когда без них не обойтись."""

    def __init__(self, config: Russian.Config, table: SymbolTable) -> None:
        self._config = config
        self._table = table
        self._stress = Stress(config.dictionary, use_model=config.stress == "model")

    def normalize(self, text: str) -> str:
        """Верни текст из одних символов таблицы."""
        return self.stages(text)[-1][1]

    def stages(self, text: str) -> list[tuple[str, str]]:
        """Верни пары «этап, текст после него»."""
        _require_words(text)
        shown = [("input", text)]
        if self._config.output == "phonemes" and self._table.covers(text) and "·" in text:
            return [*shown, ("symbols", text)]
        letters, decisions = normalize_russian(text), list[Decision]()
        expanded = ""
        for _ in range(ROUNDS):  # слово, раскрытое одним правилом, бывает пищей другого
            if self.is_done(letters) and (expanded or not self._is_short(text)):
                break
            expanded = self._expanded(letters if expanded else text)
            _LETTERS.split(expanded)
            result, decided = self._stress.place(expanded)
            decisions = decisions or decided
            stable, letters = result == letters, result
            if stable:
                break
        shown += [("expanded", expanded)] if expanded not in ("", normalize_russian(text)) else []
        shown += [(f"stress: {by}", words) for by, words in _by_whom(decisions)]
        shown += [("letters", letters)] if self._config.output == "phonemes" else []
        return [*shown, ("symbols", self._symbols(letters))]

    def is_done(self, text: str) -> bool:
        """Скажи, нормален ли текст уже: таблица его покрывает, все ударения известны."""
        return (
            _LETTERS.covers(text)
            and normalize_russian(text) == text
            and not (self._config.expand and has_abbreviation(text))
            and not (self._config.stress == "model" and self._unmarked(text))
            and not self._stress.knows_more(text)
        )

    def _is_short(self, text: str) -> bool:
        """Скажи, есть ли сокращения в записи: строчными буквами `США` уже не узнать."""
        return self._config.expand and has_abbreviation(text)

    def needs_models(self, text: str) -> bool:
        """Скажи, понадобятся ли библиотеки; знак вне таблицы без раскрытия — просто ошибка."""
        letters = normalize_russian(text)
        if self._config.expand and _needs_words(text, letters):
            return True
        return self._config.stress == "model" and self._unmarked(self._stress.looked_up(letters))

    @property
    def is_loaded(self) -> bool:
        """Скажи, загружены ли и раскрытие, и модель ударений - то из них, что нужно настройкам."""
        expands = not self._config.expand or "_expansion" in vars(self)
        return expands and (self._config.stress != "model" or self._stress.is_loaded)

    def _unmarked(self, text: str) -> bool:
        return any(not is_marked(word) for word in WORD.findall(text))

    def _expanded(self, text: str) -> str:
        letters = normalize_russian(text)
        if not (self._config.expand and _needs_words(text, letters)):
            return letters
        _require_kept(text)
        return self._expansion.expand(text)

    def _symbols(self, letters: str) -> str:
        if self._config.output == "letters":
            return "".join(self._table.split(letters))
        from ttsf_russian.phonemes import phonemes

        return "".join(self._table.split(phonemes(letters)))

    @cached_property
    def _expansion(self) -> Expansion:
        from ttsf_russian.expansion import Expansion

        return Expansion()


def _needs_words(text: str, letters: str) -> bool:
    return not _LETTERS.covers(letters) or has_abbreviation(text) or has_abbreviation(letters)


def _require_words(text: str) -> None:
    """Откажи «слову», которое длиннее любого слова: время модели растёт с его длиной.

    Raises:
        DataError: такое слово есть; названо его место.
    """
    match = _ENDLESS.search(text)
    if match:
        raise DataError(
            f"{match.group()[:20]!r}... at position {match.start() + 1} of the text is longer than"
            f" {LONGEST_WORD} letters; put spaces between the words"
        )


def _require_kept(text: str) -> None:
    """Откажи знакам, которые ru-normalizr молча выбрасывает.

    Raises:
        DataError: знак назван; `²` и `³` годятся лишь после единицы длины.
    """
    found = {m.group(): m.start() for m in reversed(list(_DROPPED.finditer(text)))}
    if found:
        raise DataError([_LETTERS.describe(text, *item) for item in found.items()])


def _by_whom(decisions: list[Decision]) -> list[tuple[str, str]]:
    order = ("mark", "dictionary", "rule", "model", "guess")
    words = {by: [d.word for d in decisions if d.by == by] for by in order}
    return [(by, " ".join(found)) for by, found in words.items() if found]
