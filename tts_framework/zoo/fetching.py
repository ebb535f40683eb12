"""Файл модели по записи указателя: зеркала по очереди, продолжение, sha256, кэш."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tts_framework import files
from tts_framework.errors import DataError, DiskFull
from tts_framework.speech.corpora.download import ATTEMPTS, cache_folder, download
from tts_framework.speech.disk import explained
from tts_framework.zoo.index import Listed

Progress = Callable[[int, int, str], None]

_FEW_ATTEMPTS = 2
_SAFE = re.compile(r"[^\w.-]")


def cached(listed: Listed) -> Path:
    """Верни место файла в кэше; имя - как у первого зеркала, папка - его sha256."""
    name = unquote(urlsplit(listed.entry.mirrors[0]).path).rpartition("/")[2]
    safe = _SAFE.sub("_", name).lstrip(".")[-100:] or "model"
    return cache_folder() / "models" / listed.entry.sha256 / safe


def fetch(
    listed: Listed,
    *,
    offline: bool = False,
    progress: Progress = lambda done, total, what: None,
    pause_seconds: float = 1.0,
) -> Path:
    """Верни проверенный файл модели; зеркала пробуются по порядку, начатое продолжается.

    Raises:
        DataError: ни одно зеркало не дало файла (названо каждое) или сеть запрещена; DiskFull.
    """
    target, entry = cached(listed), listed.entry
    if target.is_file():
        if target.stat().st_size == entry.size and files.sha256(target) == entry.sha256:
            return target
        target.unlink()
    mirrors = [m for m in entry.mirrors if not (offline and _is_remote(m))]
    if not mirrors:
        raise DataError(
            f"{listed.name}: is not in {target.parent} and --offline forbids the network; run"
            " once without it or use 'ttsf models import'"
        )
    problems = []
    for number, mirror in enumerate(mirrors, start=1):
        try:
            if not _is_remote(mirror):
                return _copied(listed, mirror, target, progress)
            return download(
                mirror,
                target,
                sha256=entry.sha256,
                progress=progress,
                pause_seconds=pause_seconds,
                attempts=ATTEMPTS if number == len(mirrors) else _FEW_ATTEMPTS,
                max_bytes=entry.size,
            )
        except DataError as error:
            problems += [f"{listed.name}: {problem}" for problem in error.problems]
    raise DataError(problems)


def _is_remote(mirror: str) -> bool:
    return not mirror.startswith("file:")


def _copied(listed: Listed, mirror: str, target: Path, progress: Progress) -> Path:
    source = Path(unquote(urlsplit(mirror).path))
    try:
        size = source.stat().st_size if source.is_file() else -1
        if size != listed.entry.size or files.sha256(source) != listed.entry.sha256:
            what = "no such file" if size < 0 else f"{size} bytes or sha256 are not as in the index"
            raise DataError(f"{source}: {what}; check {listed.source}")
        target.parent.mkdir(parents=True, exist_ok=True)
        with files.replacing(target) as temporary:
            shutil.copyfile(source, temporary)
            if files.sha256(temporary) != listed.entry.sha256:
                raise DataError(f"{source}: changed while it was copied; run again")
    except DiskFull:
        raise
    except OSError as error:
        raise explained(error, target) from error
    progress(size, size, "copy")
    return target
