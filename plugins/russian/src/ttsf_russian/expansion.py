"""Числа, даты, сокращения и латиница словами: ru-normalizr и свои правила перед ним."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import cache
from typing import Any

from tts_framework.speech.text import STRESS, normalize_russian
from ttsf_russian import before
from ttsf_russian.pieces import pieces
from ttsf_russian.words import VOWEL, WORD, from_plus, same

LONGEST = 1000
_CLUSTER = re.compile(r"\b(в|с) (втор|ста\b|сто\b)")
_ABOUT = re.compile(r"\bо (?=одн|одиннадцат)")


class Expansion:
    """Пишет всё, что читается не по буквам, русскими словами; знаки ударения сохраняет."""

    def expand(self, text: str) -> str:
        """Верни текст строчными буквами; незнакомые знаки остаются в нём и будут названы."""
        return "".join(self._piece(piece) for piece in pieces(text, LONGEST))

    def _piece(self, text: str) -> str:
        tail = text[len(text.rstrip()) :]
        marked = re.sub(rf"\+(?=[{VOWEL}{VOWEL.upper()}])", STRESS + "\ue001", text)
        marked = re.sub(f"{STRESS}\ue001(.)", rf"\1{STRESS}", marked)
        plain = marked.replace(STRESS, "")
        if plain.count(STRESS) or re.search(rf"(?i)(?<![{VOWEL}]){STRESS}", marked):
            return normalize_russian(text)  # знак не при гласной: его назовёт таблица
        expanded = _normalizer().normalize(before.rewrite(plain)).replace(before.HINT, "")
        expanded = re.sub(r"(?<=\w)\.(?=\s*$)", "", expanded) if _has_no_end(text) else expanded
        letters = normalize_russian(from_plus(expanded))
        if re.search(r"[\dIVX]", plain):
            letters = _CLUSTER.sub(r"\1о \2", _ABOUT.sub("об ", letters))
        return _with_marks(normalize_russian(marked), letters) + (" " if tail else "")


def _has_no_end(text: str) -> bool:
    """Скажи, что точки в конце нет: ru-normalizr иной раз ставит её сам."""
    return not text.rstrip().endswith(".")


def _with_marks(marked: str, expanded: str) -> str:
    """Верни раскрытому тексту ударения, которые были в записи."""
    if STRESS not in marked:
        return expanded
    old, new = WORD.findall(marked), list(WORD.finditer(expanded))
    left = [word.replace(STRESS, "") for word in old]
    right = [match.group().replace(STRESS, "") for match in new]
    found = {match.start(): match.group() for match in new}
    for block in SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks():
        for n in range(block.size):
            if same(old[block.a + n], new[block.b + n].group()):
                found[new[block.b + n].start()] = old[block.a + n]
    return WORD.sub(lambda match: found[match.start()], expanded)


@cache
def _normalizer() -> Any:
    from ru_normalizr import NormalizeOptions, Normalizer

    options = NormalizeOptions(
        mode="tts",
        remove_links=False,  # иначе ссылки молча пропадают
        cleanup_malformed_punctuation=False,
        letter_vowel_mode="single",
        initials_pause_mode="preserve",
    )
    return Normalizer(options)
