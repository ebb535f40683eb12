"""Папка обучения: создать, занять и убрать следы оборванной записи."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tts_framework.errors import TTSFError
from tts_framework.files import is_full

_LOCK = ".lock"
_WAIT_SECONDS = 5.0


@contextmanager
def held(folder: Path) -> Iterator[Path]:
    """Держи папку до конца блока; ядро отпустит её и при kill -9.

    Raises:
        TTSFError: папку нельзя писать или в неё пишет другое обучение.
        OSError: кончилось место.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / _LOCK)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=_WAIT_SECONDS)
    except Timeout as error:
        raise TTSFError(
            f"output_directory: {folder} is held by another training; stop it or choose another one"
        ) from error
    except OSError as error:
        if is_full(error):
            raise
        raise TTSFError(
            f"output_directory: {folder} cannot be written: {error.strerror}; choose another one"
        ) from error
    try:
        for leftover in folder.glob(".*.tmp"):
            leftover.unlink(missing_ok=True)
        yield folder
    finally:
        lock.release()
