"""Записи в папке: что резать, что негодно, что не звук."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tts_framework.errors import DataError
from tts_framework.problems import one_line

SOUNDS = frozenset(
    "3gp aac ac3 aif aifc aiff amr ape au avi caf dts flac flv g722 gsm m4a m4b mka mkv mov mp2"
    " mp3 mp4 mpc mpg oga ogg ogv opus ra rf64 snd sph spx tta voc w64 wav wave webm wma wv".split()
)


@dataclass(frozen=True)
class Scan:
    """Содержимое папки: имена от неё (через `/`), проблемы, сколько файлов не звук."""

    root: Path
    names: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    others: int = 0


def scan(raw: Path, excluded: Path) -> Scan:
    """Найди записи в папке и её подпапках, кроме папки `excluded`; `raw` может быть и файлом.

    Ссылка, ведущая за пределы папки, — проблема; ссылка внутри неё — повтор, он пропускается.

    Raises:
        DataError: папки нет или в ней нет записей.
    """
    if raw.is_file():
        return Scan(raw.resolve().parent, [raw.resolve().name])
    if not raw.is_dir():
        raise DataError(f"{one_line(str(raw))}: no such folder; give the folder of recordings")
    root, out = raw.resolve(), excluded.resolve()
    names, problems, others = [], [], 0
    for path in _files(root, out):
        name = path.relative_to(root).as_posix()
        where = one_line(str(raw / name))
        if path.is_symlink():
            problems += _link_problems(path, root, where)
        elif path.suffix[1:].lower() not in SOUNDS:
            others += 1
        elif not _is_utf8(name):
            problems.append(f"{where}: the name is not UTF-8; rename the file")
        else:
            names.append(name)
    if not names and not problems:
        raise DataError(f"{one_line(str(raw))}: no recordings found; put sound files there")
    return Scan(root, sorted(names), problems, others)


def _files(root: Path, out: Path) -> Iterator[Path]:
    """Перечисли файлы и ссылки по порядку имён, не входя в скрытое и в `out`."""
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        links = [name for name in folders if (here / name).is_symlink()]
        inner = [name for name in folders if not name.startswith(".") and name not in links]
        folders[:] = sorted(name for name in inner if (here / name) != out)
        for name in sorted([*files, *links]):
            if not name.startswith("."):
                yield here / name


def _link_problems(path: Path, root: Path, where: str) -> list[str]:
    target = Path(os.path.realpath(path))
    if not target.is_relative_to(root):
        return [f"{where}: a link that leads out of the folder; copy the recording in"]
    return [] if target.exists() else [f"{where}: a link to nothing; remove it"]


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
