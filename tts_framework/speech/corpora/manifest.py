"""`corpus.json`: как сделан корпус, по разделу на шаг (`segment`, `frontend`, ...)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tts_framework.speech.disk import write_text

MANIFEST = "corpus.json"


def read(folder: Path) -> dict[str, Any]:
    """Верни содержимое; испорченный или отсутствующий файл — пустой словарь."""
    try:
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def update(folder: Path, **sections: Any) -> None:
    """Запиши разделы, не трогая остальных; раздел None убирается."""
    merged = {**read(folder), **sections}
    kept = {name: value for name, value in merged.items() if value is not None}
    write_text(folder / MANIFEST, json.dumps(kept, ensure_ascii=False, indent=2) + "\n")
