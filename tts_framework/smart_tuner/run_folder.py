"""Папка запуска: блокировка, которая называет своего владельца."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from tts_framework.errors import TTSFError
from tts_framework.files import write_text

_LOCK, _OWNER = ".lock", ".lock-owner"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Займи папку запуска; освобождается и при kill -9 (блокировку держит ядро).

    Raises:
        TTSFError: папку нельзя создать или её уже держит другой процесс.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise TTSFError(
            f"{folder}: the run is held by {_owner(folder)}; stop it or choose another 'run' name"
        ) from error
    except OSError as error:
        raise TTSFError(
            f"{folder}: cannot be written: {error.strerror}; choose another 'output' folder"
        ) from error
    try:
        write_text(folder / _OWNER, f"process {os.getpid()} on {socket.gethostname()}")
        yield
    finally:
        lock.release()


def _owner(folder: Path) -> str:
    try:
        return (folder / _OWNER).read_text()
    except OSError:
        return "another process"
