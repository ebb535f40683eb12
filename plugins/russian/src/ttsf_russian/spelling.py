"""Правописание против произношения: непроизносимые согласные, -ого, -тся и отдельные слова."""

from __future__ import annotations

import re

from tts_framework.speech.text import STRESS

_S = STRESS
_WORDS = {
    "что": "што", "чтобы": "штобы", "чтоб": "штоб", "ничто": "ништо", "кое-что": "кое-што",
    "конечно": "конешно", "скучно": "скушно", "нарочно": "нарошно", "яичница": "яишница",
    "сегодня": "севодня", "итого": "итово", "его": "ево", "него": "нево", "того": "тово",
    "этого": "этово", "кого": "ково", "всего": "всево", "сего": "сево", "чего": "чево",
    "ничего": "ничево", "моего": "моево", "твоего": "твоево", "своего": "своево",
    "одного": "одново",
    "самого": "самово", "бог": "бох", "мягкий": "мяхкий", "легкий": "лехкий", "лёгкий": "лёхкий",
    "легко": "лехко", "помощник": "помошник", "солнце": "сонце", "сердце": "серце",
    "чувство": "чуство", "здравствуйте": "здраствуйте", "пожалуйста": "пожалуста",
}  # fmt: skip
_OGO_AS_WRITTEN = re.compile(r"^(?:много|немного|дорого|строго|убого|полого|отлого|недорого)$")
_RULES = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (rf"([ое]{_S}?)г(о{_S}?)$", r"\1в\2"),
        (rf"([ое]{_S}?)г(о{_S}?)(?=ся$)", r"\1в\2"),
        (r"ться$", "тьца"),
        (r"тся$", "ца"),
        (r"(?<=[а-я])тск|дск(?=[а-я])", "цк"),
        (r"стн", "сн"),
        (r"здн", "зн"),
        (r"лнц", "нц"),
        (r"рдц", "рц"),
        (r"вств(?=[оу])", "ств"),
        (r"нтск", "нск"),
        (r"[сз]ч", "щ"),
        (r"сш|зш", "ш"),
        (r"сж|зж", "ж"),
        (r"(?<=[жшчщ])ь", ""),
    )
]


def respelled(word: str) -> str:
    """Запиши слово ближе к тому, как его говорят; ударение остаётся на своей гласной."""
    bare = word.replace(STRESS, "")
    if bare in _WORDS:
        return _with_stress(_WORDS[bare], word)
    if _OGO_AS_WRITTEN.match(bare):
        return word
    for pattern, replacement in _RULES:
        word = pattern.sub(replacement, word)
    return word


def _with_stress(spoken: str, word: str) -> str:
    """Поставь ударение на ту же по счёту гласную."""
    vowels = "аеёиоуыэюя"
    if STRESS not in word:
        return spoken
    count = sum(letter in vowels for letter in word[: word.index(STRESS)])
    for place, letter in enumerate(spoken):
        count -= letter in vowels
        if count == 0:
            return spoken[: place + 1] + STRESS + spoken[place + 1 :]
    return spoken
