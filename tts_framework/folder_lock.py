"""Папка, занятая одним процессом: блокировку держит ядро, и kill -9 её отпускает."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tts_framework.errors import TTSFError
from tts_framework.files import is_full, write_text

LOCK, OWNER = ".lock", ".lock-owner"


@contextmanager
def held(folder: Path, advice: str, wait: float = 0.0) -> Iterator[Path]:
    """Займи папку (создав её) до конца блока; прежнего хозяина жди `wait` секунд.

    `advice` — что делать, если папка занята или недоступна: `choose another 'output' folder`.

    Raises:
        TTSFError: папку нельзя писать или её держит другой процесс; назван он и следующий шаг.
        OSError: кончилось место.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=wait)
    except Timeout as error:
        raise TTSFError(f"{folder}: is held by {_owner(folder)}; stop it or {advice}") from error
    except OSError as error:
        if is_full(error):
            raise
        raise TTSFError(f"{folder}: cannot be written: {error.strerror}; {advice}") from error
    try:
        write_text(folder / OWNER, f"process {os.getpid()} on {socket.gethostname()}")
        yield folder
    finally:
        (folder / OWNER).unlink(missing_ok=True)
        lock.release()


def _owner(folder: Path) -> str:
    try:
        return (folder / OWNER).read_text()
    except OSError:
        return "another process"
