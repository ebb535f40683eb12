"""Запись производных данных: атомарно, а сбой диска — словами и с путём."""

from __future__ import annotations

from pathlib import Path

from tts_framework import files
from tts_framework.errors import DataError, DiskFull, TTSFError


def explained(error: OSError, path: Path) -> TTSFError:
    """Переведи сбой записи в ошибку, которую исправляет пользователь."""
    if files.is_full(error):
        return DiskFull(f"{path}: no space left on the disk; free some and run again to continue")
    return DataError(
        f"{path}: cannot be written ({error.strerror or error}); check the path and permissions"
    )


def write(path: Path, *pieces: bytes | memoryview) -> None:
    """Запиши файл целиком или никак; fsync не нужен — испорченное узнают и сделают заново.

    Raises:
        DiskFull: кончилось место; DataError: сюда нельзя писать. Прежний файл цел.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with files.replacing(path) as temporary, temporary.open("wb") as file:
            file.writelines(pieces)
    except OSError as error:
        raise explained(error, path) from error


def write_text(path: Path, text: str) -> None:
    """Запиши UTF-8 надёжно; то же содержимое не переписывается."""
    if not (path.is_file() and path.read_bytes() == text.encode()):
        files.write_text(path, text)
