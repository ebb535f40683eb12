"""Замок папки: таблицу и файл проверки пишет один процесс."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from tts_framework.errors import DataError
from tts_framework.speech.disk import explained


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Займи корпус на время расшифровки или правки.

    Raises:
        DataError: папки нет или ею занят другой процесс.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; 'ttsf data segment' makes a corpus")
    try:
        with FileLock(folder / ".transcribe.lock", timeout=0):
            yield
    except Timeout as error:
        raise DataError(
            f"{folder}: another process is transcribing it or applying a review; wait for its end"
        ) from error
    except OSError as error:
        raise explained(error, folder) from error
