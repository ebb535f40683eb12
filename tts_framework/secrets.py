"""Секреты: значения, взятые из окружения, никогда не показываются."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import quote

HIDDEN = "***"
SHORTEST = 4

_remembered: set[str] = set()


def remember(secrets: Iterable[str]) -> None:
    """Запомни секреты на всё время процесса: их не должно быть и в отчёте о сбое."""
    _remembered.update(secrets)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Замени в тексте каждый секрет, в том числе записанный в repr, JSON и адресе, на `***`.

    К `secrets` добавляются запомненные процессом. Значения короче четырёх знаков не заменяются:
    это числа и флаги, а не секреты.
    """
    for secret in sorted({*secrets, *_remembered}, key=len, reverse=True):
        if len(secret) >= SHORTEST:
            for form in _forms(secret):
                text = text.replace(form, HIDDEN)
    return text


def _forms(secret: str) -> tuple[str, ...]:
    return (
        secret,
        repr(secret)[1:-1],
        json.dumps(secret)[1:-1],
        quote(secret, errors="replace"),
        quote(secret, safe="", errors="replace"),
    )
