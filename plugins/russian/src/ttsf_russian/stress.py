"""Ё и ударения: знак в тексте, затем словарь пользователя, правила омографов, модель."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from tts_framework.speech.text import STRESS
from ttsf_russian import everything
from ttsf_russian.words import VOWEL, WORD, bare, is_marked, same, syllables

if TYPE_CHECKING:
    from ttsf_russian.homographs import Homographs
    from ttsf_russian.model import Model


@dataclass(frozen=True)
class Decision:
    """Слово с ударением и кто его поставил: mark, dictionary, rule, model, guess."""

    word: str
    by: str


class Stress:
    """Ставит ударение в каждом слове, где больше одного слога."""

    def __init__(self, dictionary: Mapping[str, str], use_model: bool) -> None:
        self._dictionary = dictionary
        self._use_model = use_model
        phrases = sorted(dictionary, key=len, reverse=True)
        joined = "|".join(re.escape(phrase).replace("е", "[её]") for phrase in phrases)
        self._phrases = (
            re.compile(rf"(?<![а-яё{STRESS}])(?:{joined})(?![а-яё{STRESS}])") if joined else None
        )

    @property
    def is_loaded(self) -> bool:
        """Скажи, звали ли уже модель."""
        return "_model" in vars(self)

    def place(self, text: str) -> tuple[str, list[Decision]]:
        """Верни текст с ударениями и решения по словам (однословные без знака не в счёт)."""
        marked = self.looked_up(text)
        by = {
            match.start(): "mark" if match.group() == original.group() else "dictionary"
            for match, original in zip(WORD.finditer(marked), WORD.finditer(text))
            if is_marked(match.group())
        }
        if self._use_model and any(not is_marked(word) for word in WORD.findall(marked)):
            return self._guessed(marked, by)
        return marked, _decisions(marked, by)

    def looked_up(self, text: str) -> str:
        """Подставь словарные ударения в слова, где знака ещё нет; с моделью — и ясное «всё»."""
        if self._phrases is not None:
            text = self._phrases.sub(lambda match: self._entry(match.group()), text)
        return everything.restored(text) if self._use_model else text

    def knows_more(self, text: str) -> bool:
        """Скажи, изменит ли словарь этот текст."""
        return self.looked_up(text) != text

    def _entry(self, phrase: str) -> str:
        entry = self._dictionary[phrase.replace("ё", "е")]
        kept = all(new == "ё" for old, new in zip(phrase, bare(entry)) if old == "ё")
        return entry if kept else phrase

    def _guessed(self, text: str, by: dict[int, str]) -> tuple[str, list[Decision]]:
        ruled = self._homographs.apply(text)
        modelled = self._model.place(ruled)
        pieces: list[str] = []
        decisions: list[Decision] = []
        end = 0
        words = zip(WORD.finditer(text), WORD.finditer(ruled), WORD.finditer(modelled), strict=True)
        for match, rule, model in words:
            word, who = _chosen(match.group(), rule.group(), model.group())
            if match.group() == "все" and word == "всё":
                if everything.are_many(text[: match.start()], text[match.end() :]):
                    word, who = "все", "rule"
            who = by.get(match.start(), who)
            pieces += [text[end : match.start()], word]
            end = match.end()
            if syllables(word) > 1 or STRESS in word:
                decisions.append(Decision(word, who))
        return "".join([*pieces, text[end:]]), decisions

    @cached_property
    def _homographs(self) -> Homographs:
        from ttsf_russian.homographs import Homographs

        return Homographs(self._model)

    @cached_property
    def _model(self) -> Model:
        from ttsf_russian.model import Model

        return Model()


def _chosen(word: str, rule: str, model: str) -> tuple[str, str]:
    if STRESS in word:
        return word, "mark"
    if "ё" in word:
        return word, "mark"
    if rule != word:
        return rule, "rule"
    if is_marked(model) and same(word, model):
        # у односложного слова модель вправе лишь вернуть ё
        return (model if syllables(word) > 1 else bare(model)), "model"
    return _middle(word), "guess"


def _middle(word: str) -> str:
    """Поставь ударение, когда не знает никто: на предпоследний слог."""
    places = [n for n, letter in enumerate(word) if letter in VOWEL]
    place = places[max(len(places) - 2, 0)]
    return word[: place + 1] + STRESS + word[place + 1 :]


def _decisions(text: str, by: Mapping[int, str]) -> list[Decision]:
    return [
        Decision(match.group(), by[match.start()])
        for match in WORD.finditer(text)
        if match.start() in by and (syllables(match.group()) > 1 or STRESS in match.group())
    ]
