"""Итоги других расшифровщиков: отложить и вернуть, чтобы смена модели не стоила часов работы."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from tts_framework.speech.disk import explained

OTHERS = ".transcripts"


def switch(path: Path, recipe: dict[str, Any]) -> None:
    """Убери из `path` итоги другого рецепта и верни на место прежние итоги этого, если они есть.

    Raises:
        DataError, DiskFull: файл не переносится.
    """
    found = _recipe(path)
    if found is None or found == json.loads(json.dumps(recipe)):
        return
    others = path.parent / OTHERS
    try:
        others.mkdir(exist_ok=True)
        path.replace(others / _name(found))
        earlier = others / _name(recipe)
        if earlier.exists():
            earlier.replace(path)
    except OSError as error:
        raise explained(error, path) from error


def _recipe(path: Path) -> Any:
    """Верни рецепт из первой строки файла; None — файла нет или она испорчена."""
    try:
        with path.open("rb") as file:
            return json.loads(file.readline())["recipe"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _name(recipe: Any) -> str:
    text = json.dumps(recipe, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16] + ".jsonl"
