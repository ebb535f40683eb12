"""Слова русского текста и знаки при них."""

from __future__ import annotations

import re

from tts_framework.speech.text import STRESS

VOWEL = "аеёиоуыэюя"
WORD = re.compile(rf"[а-яё{STRESS}]+")


def bare(word: str) -> str:
    """Сними ударение."""
    return word.replace(STRESS, "")


def syllables(word: str) -> int:
    """Посчитай слоги."""
    return sum(letter in VOWEL for letter in word)


def is_marked(word: str) -> bool:
    """Скажи, известно ли ударение: знак, ё или единственный слог."""
    return STRESS in word or "ё" in word or syllables(word) < 2


def from_plus(text: str) -> str:
    """Переведи `+а` в `а` с U+0301 (при ё знак снимается)."""
    text = re.sub(r"\+([аеёиоуыэюя])", rf"\1{STRESS}", text.lower())
    return text.replace("ё" + STRESS, "ё")


def to_plus(word: str) -> str:
    """Переведи U+0301 в `+` перед гласной: так пишет ударение silero-stress."""
    return re.sub(rf"([аеиоуыэюя]){STRESS}", r"+\1", word)


def same(left: str, right: str) -> bool:
    """Скажи, одно ли это слово: ударение не в счёт, ё может стоять вместо е."""
    return bare(left).replace("ё", "е") == bare(right).replace("ё", "е")
