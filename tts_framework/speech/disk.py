"""Атомарная запись файлов и сбои диска, сказанные словами."""

from __future__ import annotations

import errno
import os
import threading
from contextlib import suppress
from pathlib import Path

from tts_framework.errors import DataError, DiskFull, TTSFError


def explained(error: OSError, path: Path) -> TTSFError:
    """Переведи сбой записи в ошибку, которую исправляет пользователь."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"{path}: no space left on the disk; free some and run again to continue")
    return DataError(
        f"{path}: cannot be written ({error.strerror or error}); check the path and permissions"
    )


def write(path: Path, *pieces: bytes | memoryview, durable: bool = False) -> None:
    """Запиши файл целиком или никак; `durable` — ещё и дождись диска.

    Raises:
        DiskFull: кончилось место; DataError: сюда нельзя писать. Прежний файл цел.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            for piece in pieces:
                file.write(piece)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise explained(error, path) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def write_text(path: Path, text: str) -> None:
    """Запиши UTF-8 надёжно; то же содержимое не переписывается."""
    data = text.encode()
    if not (path.is_file() and path.read_bytes() == data):
        write(path, data, durable=True)
