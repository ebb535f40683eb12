"""Тексты без того, чего не слышно: регистра, знаков и ударений — и расстояние между ними."""

from __future__ import annotations

import unicodedata

from rapidfuzz.distance import Levenshtein

_SILENT = frozenset("'’ʼ`+\u0301\u00ad")
_SAME = str.maketrans("ё", "е")


def letters(text: str) -> str:
    """Оставь слова через пробел: строчные буквы и цифры; апостроф и ударение слов не рвут."""
    composed = unicodedata.normalize("NFC", text).casefold().translate(_SAME)
    kept = (char for char in composed if char not in _SILENT)
    return " ".join("".join(char if _is_heard(char) else " " for char in kept).split())


def _is_heard(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN"


def cer(reference: str, heard: str) -> float:
    """Верни долю ошибок в буквах: правки / длина образца; у пустого образца — 0 или 1."""
    return _rate(letters(reference), letters(heard))


def wer(reference: str, heard: str) -> float:
    """Верни долю ошибок в словах: правки / число слов образца."""
    return _rate(letters(reference).split(), letters(heard).split())


def _rate(reference: str | list[str], heard: str | list[str]) -> float:
    if not reference:
        return float(bool(heard))
    return Levenshtein.distance(reference, heard) / len(reference)
