"""Метки фонов festvox: строка `#`, затем `конец 125 фон` — времена концов в секундах."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from tts_framework.components import Phone
from tts_framework.errors import DataError

PAUSE = "pau"
COLOR = 125
SLACK_SECONDS = 0.1
_SHORTEST = 0.001


def text(phones: Sequence[Phone], seconds: float) -> str:
    """Запиши фоны; промежутки между ними и края клипа становятся паузами."""
    lines, last = ["#"], 0.0
    for phone in phones:
        if phone.start - last > _SHORTEST:
            lines.append(_line(phone.start, PAUSE))
        lines.append(_line(phone.end, "_".join(phone.name.split()) or PAUSE))
        last = phone.end
    if seconds - last > _SHORTEST:
        lines.append(_line(seconds, PAUSE))
    return "\n".join([*lines, ""])


def check(content: str, seconds: float) -> None:
    """Убедись, что метки читаются, идут по порядку и не длиннее клипа.

    Raises:
        DataError: названа строка.
    """
    _, mark, body = content.partition("#")
    if not mark:
        raise DataError("no '#' line before the labels")
    last = 0.0
    first = content[: len(content) - len(body)].count("\n") + 1
    for number, line in enumerate(body.splitlines(), start=first):
        fields = line.split()
        if not fields:
            continue
        end = _number(fields[0])
        if len(fields) != 3 or not last <= end <= seconds + SLACK_SECONDS:
            raise DataError(
                f"line {number}: {line.strip()[:40]!r} is no label of a clip of {seconds:.2f} s"
            )
        last = end


def _line(end: float, name: str) -> str:
    return f"{end:.5f} {COLOR} {name}"


def _number(field: str) -> float:
    return float(field) if re.fullmatch(r"\d+(\.\d*)?", field) else math.nan
