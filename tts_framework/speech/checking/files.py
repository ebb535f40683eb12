"""Файлы корпуса: где лежит клип, не выходит ли он наружу, тот ли это файл, что измеряли."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from tts_framework.speech.corpora import table

MISSING, OUTSIDE, IRREGULAR = "missing", "outside", "broken"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Почему клип нельзя измерить: `kind` — missing, outside, broken, truncated или empty."""

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Identity:
    """По чему узнают, что файл не изменился: размер и время изменения, нс."""

    size: int
    mtime_ns: int


def find(folder: Path, id: str, root: Path) -> Identity | Trouble:
    """Найди звук клипа; `root` — настоящий (без ссылок) путь корпуса."""
    path = table.wav(folder, id)
    try:
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode):
            if not path.resolve().is_relative_to(root):
                return Trouble(OUTSIDE, f"links to {os.readlink(path)!r}, outside the corpus")
            found = path.stat()
    except FileNotFoundError:
        return Trouble(MISSING, "no such file")
    except (OSError, RuntimeError) as error:
        return Trouble(MISSING, f"cannot be found ({getattr(error, 'strerror', None) or error})")
    if not stat.S_ISREG(found.st_mode):
        return Trouble(IRREGULAR, "not a regular file")
    return Identity(found.st_size, found.st_mtime_ns)


def leaves(folder: Path) -> bool:
    """Скажи, не ведёт ли сама папка `wavs` наружу."""
    return not (folder / "wavs").resolve().is_relative_to(folder.resolve())
