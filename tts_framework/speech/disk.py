"""Сбои диска, сказанные словами, и атомарная запись текста."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from tts_framework.errors import DataError, DiskFull, TTSFError


def explained(error: OSError, path: Path) -> TTSFError:
    """Переведи сбой записи в ошибку, которую исправляет пользователь."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"{path}: no space left on the disk; free some and run again to continue")
    return DataError(
        f"{path}: cannot be written ({error.strerror or error}); check the path and permissions"
    )


def write_text(path: Path, text: str) -> None:
    """Запиши UTF-8 атомарно; то же содержимое не переписывается."""
    data = text.encode()
    if path.is_file() and path.read_bytes() == data:
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
