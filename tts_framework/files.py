"""Файлы, которые либо записаны целиком, либо не записаны вовсе."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tts_framework.errors import DiskFull

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def write_bytes(path: Path, data: bytes) -> None:
    """Запиши файл атомарно: временное имя `.name.tmp`, fsync, переименование, fsync папки.

    Raises:
        DiskFull: кончилось место; прежний файл цел, временный удалён.
    """
    with replacing(path) as temporary:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())


def write_text(path: Path, text: str) -> None:
    """Запиши текст в UTF-8 атомарно (см. `write_bytes`)."""
    write_bytes(path, text.encode())


def link_or_copy(source: Path, target: Path) -> None:
    """Поставь на место `target` жёсткую ссылку на `source` (или копию) атомарно."""
    with replacing(target) as temporary:
        try:
            os.link(source, temporary)
        except OSError as error:
            if is_full(error) or isinstance(error, FileNotFoundError):
                raise
            shutil.copyfile(source, temporary)
            _sync(temporary)


def sha256(path: Path) -> str:
    """Верни sha256 содержимого файла; для папки — имён и содержимого всех её файлов."""
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.is_file())
        lines = (f"{p.relative_to(path).as_posix()}\0{sha256(p)}\n" for p in files)
        return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
    with open(path, "rb") as file:
        return hashlib.file_digest(file, hashlib.sha256).hexdigest()


def is_full(error: BaseException | None) -> bool:
    """Скажи, кончилось ли место (на диске, в квоте, в пределе размера).

    Смотрит и на причины: `torch.save` прячет настоящую ошибку за RuntimeError.
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno in _NO_SPACE:
            return True
        error = error.__cause__ or error.__context__
    return False


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Дай временное имя рядом с `path` и, если блок удался, переименуй его в `path`.

    Файл под временным именем должен быть сброшен на диск (fsync) самим блоком. Имя начинается с
    точки, поэтому маска вроде `checkpoint_*` недописанный файл не увидит.

    Raises:
        DiskFull: кончилось место; прежний файл цел, временный удалён.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    try:
        yield temporary
        os.replace(temporary, path)
        temporary.unlink(missing_ok=True)  # остаётся, если это две ссылки на один файл
        _sync(path.parent)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if is_full(error):
            raise DiskFull(
                f"{path}: no space left on the device; the previous files are intact,"
                " free some space and run the same command again"
            ) from error
        raise


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
