"""Какие файлы папки корпуса входят в версию."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from tts_framework.errors import DataError
from tts_framework.speech.corpora.manifest import MANIFEST

FOLDERS = ("wavs", "labels")
TOP = ("*.csv", "*.txt", "LICENSE*", "README*", "segments.jsonl", "transcripts.jsonl", MANIFEST)
LISTS = ("train.csv", "validation.csv", "test.csv")
MARK = "version"
"""Раздел corpus.json с id версии; в саму версию он не входит."""


@dataclass(frozen=True)
class Found:
    """Файл на диске; `path` — относительно корпуса, остальное — то, по чему видна правка."""

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


def belongs(path: str) -> bool:
    """Скажи, может ли файл с таким путём быть частью версии; скрытое и вышедшее наружу — нет."""
    parts = path.split("/")
    if "\0" in path or any(not part or part.startswith(".") for part in parts):
        return False
    if len(parts) == 1:
        return any(fnmatchcase(path, pattern) for pattern in TOP)
    return parts[0] in FOLDERS


def scan(folder: Path) -> tuple[list[Found], list[str]]:
    """Найди файлы корпуса; второе — имена в его корне, которые в версию не входят.

    Raises:
        DataError: это не корпус; среди файлов символическая ссылка или не обычный файл.
    """
    found: list[Found] = []
    left_out: list[str] = []
    problems: list[str] = []
    for entry in _entries(folder):
        if entry.name.startswith("."):
            continue
        if entry.name in FOLDERS and entry.is_dir(follow_symlinks=False):
            _walk(folder, entry.name, found, problems)
        elif belongs(entry.name) or entry.name in FOLDERS:
            _take(folder, entry, entry.name, found, problems)
        else:
            left_out.append(entry.name)
    if problems:
        raise DataError(problems)
    return sorted(found, key=lambda file: file.path), sorted(left_out)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        raise DataError(
            f"{folder}: cannot be read ({error.strerror}); name a corpus folder"
        ) from error


def _walk(folder: Path, inside: str, found: list[Found], problems: list[str]) -> None:
    for entry in _entries(folder / inside):
        path = f"{inside}/{entry.name}"
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            _walk(folder, path, found, problems)
        else:
            _take(folder, entry, path, found, problems)


def _take(
    folder: Path, entry: os.DirEntry[str], path: str, found: list[Found], problems: list[str]
) -> None:
    status = entry.stat(follow_symlinks=False)
    if stat.S_ISREG(status.st_mode):
        found.append(as_found(path, status))
        return
    what = "a symbolic link" if stat.S_ISLNK(status.st_mode) else "not a regular file"
    problems.append(f"{folder / shown(path)}: is {what}; put the file itself there")


def as_found(path: str, status: os.stat_result) -> Found:
    """Опиши файл по его stat."""
    return Found(path, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def check_lists(folder: Path) -> None:
    """Убедись, что списки клипов не ведут из корпуса: чужого звука версия не сохранит.

    Raises:
        DataError: путь абсолютный или поднимается из папки; названы строки.
    """
    problems = [
        f"{folder / name}:{number}: {shown(path)[:80]} is outside of the corpus;"
        " a version cannot hold it, copy the clip in"
        for name in LISTS
        for number, path in _listed(folder / name)
        if path.startswith("/") or ".." in path.split("/")
    ]
    if problems:
        raise DataError(problems[:20])


def _listed(path: Path) -> Iterator[tuple[int, str]]:
    if path.is_file() and not path.is_symlink():
        text = path.read_bytes().removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
        for number, line in enumerate(text.split("\n"), start=1):
            yield number, line.partition("|")[0].strip()


def unmarked(content: bytes) -> bytes:
    """Верни содержимое corpus.json без `version` и пустых разделов; не JSON-объект — как есть.

    Таким его пишет и `corpora.manifest`, поэтому отметка версии не меняет её id.
    """
    try:
        sections = json.loads(content)
        if not isinstance(sections, dict):
            return content
        kept = {name: v for name, v in sections.items() if name != MARK and v is not None}
        return (json.dumps(kept, ensure_ascii=False, indent=2) + "\n").encode()
    except (ValueError, RecursionError):
        return content


EMPTY = unmarked(b"{}")
"""Такого corpus.json в версии нет: файл завели только ради отметки."""


def shown(path: str) -> str:
    """Верни путь одной печатной строкой."""
    return path if path.isprintable() else json.dumps(path)
