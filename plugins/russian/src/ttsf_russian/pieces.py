"""Длинный текст по частям."""

from __future__ import annotations

import re

_END = re.compile(r"(?<=\w\w\w)[.!?…]+\s")


def pieces(text: str, limit: int) -> list[str]:
    """Разрежь текст на куски не длиннее `limit` знаков: у конца фразы, пробела или где придётся."""
    found: list[str] = []
    start = 0
    while len(text) - start > limit:
        ends = [match.end() for match in _END.finditer(text, start, start + limit)]
        space = text.rfind(" ", start + limit // 2, start + limit) + 1
        cut = ends[-1] if ends else space or start + limit
        found.append(text[start:cut])
        start = cut
    return [*found, text[start:]]
