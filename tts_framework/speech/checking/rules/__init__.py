"""Все правила; по файлу на семью. Новое правило — функция и строка в `RULES` её семьи."""

from __future__ import annotations

from tts_framework.speech.checking.rules import (
    duplicates,
    files,
    format,
    level,
    lists,
    naturalness,
    text,
    timing,
)

RULES = (
    *files.RULES,
    *format.RULES,
    *level.RULES,
    *timing.RULES,
    *text.RULES,
    *duplicates.RULES,
    *lists.RULES,
    *naturalness.RULES,
)
