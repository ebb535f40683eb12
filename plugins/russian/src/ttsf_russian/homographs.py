"""Омографы: грамматические правила, где соседние слова решают надёжнее модели.

Каждое правило молчит, если сомневается: тогда решает модель.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tts_framework.speech.text import STRESS
from ttsf_russian.lexicon import CHOICES, FIRST_PARTS, WORDS
from ttsf_russian.model import Model
from ttsf_russian.numbers import morphology
from ttsf_russian.words import VOWEL, WORD, bare, is_marked, syllables

_CLAUSE = re.compile(r"[.!?…;:—()\"]")
_GENITIVE = frozenset(
    "от у до из без для около возле после кроме вокруг против среди вместо изнутри вне из-за из-под"
    " мимо ради вдоль помимо насчет насчёт напротив внутри посреди два три четыре двух трёх трех"
    " четырёх четырех оба обе полтора полторы".split()
)
_PLURAL = frozenset("все эти те мои твои наши ваши свои многие некоторые такие какие чьи".split())
_POSSESSIVE = frozenset("его её ее их".split())


class Homographs:
    """Применяет правила к словам без ударения."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._rules: tuple[Callable[[list[str], int], str | None], ...] = (
            self._listed,
            self._second_locative,
            self._genitive_or_plural,
            self._verb_after_i,
            self._compound,
        )

    def apply(self, text: str) -> str:
        """Верни текст, где ударение поставлено в словах, о которых правила уверены."""
        parts: list[str] = []
        start = 0
        for end in [*(match.end() for match in _CLAUSE.finditer(text)), len(text)]:
            parts.append(self._clause(text[start:end]))
            start = end
        return "".join(parts)

    def _clause(self, text: str) -> str:
        matches = list(WORD.finditer(text))
        words = [bare(match.group()) for match in matches]
        pieces: list[str] = []
        end = 0
        for n, match in enumerate(matches):
            word = match.group()
            if not is_marked(word):
                word = next((w for rule in self._rules if (w := rule(words, n))), word)
            pieces += [text[end : match.start()], word]
            end = match.end()
        return "".join([*pieces, text[end:]])

    def _listed(self, words: list[str], n: int) -> str | None:
        """Возьми слово из своего списка; у омографа решают слова рядом."""
        word = words[n]
        if word in WORDS:
            return WORDS[word]
        for stressed, near in CHOICES.get(word, ()):
            around = words[max(0, n - 4) : n] + words[n + 1 : n + 5]
            if any(neighbour.startswith(near) for neighbour in around):
                return stressed
        return None if word in CHOICES else self._listed_lemma(words, n)

    def _listed_lemma(self, words: list[str], n: int) -> str | None:
        """Возьми из списка косвенный падеж: `звуки органа` — слог ударения тот же."""
        around = words[max(0, n - 4) : n] + words[n + 1 : n + 5]
        for lemma in {p.normal_form for p in _parses(words[n])} & CHOICES.keys():
            for stressed, near in CHOICES[lemma]:
                if any(neighbour.startswith(near) for neighbour in around):
                    place = _stressed(stressed)
                    fits = [v for v in self._variants(words[n]) if _stressed(v) == place]
                    return fits[0] if len(fits) == 1 else None
        return None

    def _second_locative(self, words: list[str], n: int) -> str | None:
        """`в лесу`, `на берегу`: после «в» и «на» дательного не бывает, это второй предложный."""
        word = words[n]
        if word[-1] not in "ую" or _preposition(words, n, "loct") not in ("в", "во", "на"):
            return None
        nouns = [p for p in _parses(word) if "NOUN" in p.tag]
        fits = any({"masc", "datv"} in p.tag or {"masc", "loc2"} in p.tag for p in nouns)
        if not fits or any("accs" in p.tag or "ADJF" in p.tag for p in _parses(word)):
            return None
        return word + STRESS

    def _genitive_or_plural(self, words: list[str], n: int) -> str | None:
        """`у стены` и `белые стены`: ударение родительного — как в именительном единственного."""
        word = words[n]
        nouns = [p for p in _parses(word) if "NOUN" in p.tag and "Name" not in p.tag]
        genitive = [p for p in nouns if {"sing", "gent"} in p.tag]
        plural = [p for p in nouns if {"plur", "nomn"} in p.tag]
        if not genitive or not plural:
            return None
        variants = self._variants(word)
        is_genitive = self._is_genitive(words, n)
        if is_genitive is None or len(variants) != 2:
            return None
        singular = self._model.word(genitive[0].normal_form)
        place = _stressed(singular)
        if place is None or place not in map(_stressed, variants):
            return None  # `берег` без соседей модель читает глаголом
        for variant in variants:
            if (_stressed(variant) == place) == is_genitive:
                return variant
        return None

    def _is_genitive(self, words: list[str], n: int) -> bool | None:
        if _preposition(words, n, "gent") in _GENITIVE:
            return True
        if _is_negated(words, n):
            return True
        before = words[n - 1] if n else ""
        if before in _PLURAL or (before and _is_plural_adjective(before)):
            return False
        if before and _is_plural_verb(before):
            return False
        after = words[n + 1] if n + 1 < len(words) else ""
        if (
            (n == 0 or before in _POSSESSIVE)
            and after
            and any({"VERB", "plur"} in p.tag for p in _parses(after)[:1])
        ):
            return False
        return None

    def _verb_after_i(self, words: list[str], n: int) -> str | None:
        """`я кладу`: после «я» — глагол, а не дательный падеж существительного."""
        previous = [word for word in words[max(0, n - 2) : n] if word != "не"]
        word = words[n]
        if not previous or previous[-1] != "я" or not self._variants(word):
            return None
        parses = _parses(word)
        nouns = [p for p in parses if {"NOUN", "sing"} in p.tag]
        verbs = {p.normal_form for p in parses if "1per" in p.tag}
        if not nouns or len(verbs) != 1:
            return None  # `я плачу`: платить или плакать
        place = _stressed(self._model.word(nouns[0].normal_form))
        others = [variant for variant in self._variants(word) if _stressed(variant) != place]
        return others[0] if len(others) == 1 else None

    def _compound(self, words: list[str], n: int) -> str | None:
        """`агитпоезда`: ударение сложного слова — в последней части."""
        match = FIRST_PARTS.match(words[n])
        if match is None:
            return None
        first, rest = match.group(), words[n][match.end() :]
        known = any(p.is_known for p in morphology().parse(rest)[:1])
        if not known or syllables(rest) < 2 or len(rest) < 5:
            return None
        ruled = self._genitive_or_plural([*words[:n], rest, *words[n + 1 :]], n)
        return first + (ruled or self._genitive_of(rest) or self._model.word(rest))

    def _genitive_of(self, rest: str) -> str | None:
        """Выбери родительный единственного: у сложных слов он чаще."""
        variants = self._variants(rest)
        nouns = [p for p in _parses(rest) if {"NOUN", "sing", "gent"} in p.tag]
        if len(variants) != 2 or not nouns:
            return None
        place = _stressed(self._model.word(nouns[0].normal_form))
        return next((variant for variant in variants if _stressed(variant) == place), None)

    def _variants(self, word: str) -> list[str]:
        return self._model.variants(word)


def _parses(word: str) -> list[Any]:
    return list(morphology().parse(word))


def _stressed(word: str) -> int | None:
    """Верни номер ударного слога с нуля."""
    count = -1
    for letter, following in zip(word, word[1:] + " "):
        count += letter in VOWEL
        if following == STRESS or letter == "ё":
            return count
    return 0 if syllables(word) == 1 else None


def _preposition(words: list[str], n: int, case: str) -> str:
    """Верни предлог перед словом, пропустив согласованные с ним прилагательные."""
    n -= 1
    while n > 0 and _agrees(words[n], case) and words[n] not in _GENITIVE:
        n -= 1
    return words[n] if n >= 0 else ""


def _is_negated(words: list[str], n: int) -> bool:
    """Узнай «не подал (мне) руки»: прямое дополнение при отрицании — в родительном."""
    n -= 1
    if n > 1 and any("NPRO" in p.tag and "datv" in p.tag for p in _parses(words[n])):
        n -= 1
    verb = n > 0 and any("tran" in p.tag for p in _parses(words[n])[:1])
    return verb and words[n - 1] == "не"


def _agrees(word: str, case: str) -> bool:
    return any({"ADJF", "sing", case} in p.tag or {"PRTF", "sing", case} in p.tag
               for p in _parses(word))  # fmt: skip


def _is_plural_verb(word: str) -> bool:
    """Узнай непереходный глагол во множественном: `синели горы`."""
    verbs = [p for p in _parses(word) if "VERB" in p.tag]
    return bool(verbs) and all({"plur", "intr"} in p.tag and "impr" not in p.tag for p in verbs)


def _is_plural_adjective(word: str) -> bool:
    parses = _parses(word)
    adjectives = [p for p in parses if "ADJF" in p.tag or "PRTF" in p.tag]
    return bool(adjectives) and all("plur" in p.tag and p.tag.case in ("nomn", "accs")
                                    for p in adjectives)  # fmt: skip
