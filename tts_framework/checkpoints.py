"""Имена чекпоинтов: какой итерации файл и какой из них последний."""

from __future__ import annotations

import math
import re
from pathlib import Path

_NUMBER = re.compile(r"(\d+)(?!.*\d)")


def iteration_of(path: Path) -> int:
    """Верни итерацию из имени (`checkpoint_600` -> 600); -1, если числа в имени нет."""
    found = _NUMBER.search(path.name)
    return int(found[1]) if found else -1


def newest(folder: Path, mask: str = "checkpoint_*", below: float = math.inf) -> Path | None:
    """Найди чекпоинт с наибольшей итерацией меньше `below`; недописанные — под именами с точки."""
    found = [
        path for path in folder.glob(mask) if 0 <= iteration_of(path) < below and path.is_file()
    ]
    return max(found, key=iteration_of, default=None)
