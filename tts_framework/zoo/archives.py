"""Чужой архив с моделью: наружу выходят только обычные файлы, и не больше разумного."""

from __future__ import annotations

import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from tts_framework.errors import DataError

MAX_MEMBERS = 256
MAX_GROWTH = 4
SPARE_BYTES = 16 << 20
"""Веса почти не сжимаются: больше `MAX_GROWTH` размеров архива и этого в нём не бывает."""

_PIECE = 1 << 20
_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,
)

Member = tuple[str, int, Callable[[], IO[bytes]]]


def is_archive(path: Path) -> bool:
    """Скажи, архив ли это с файлами; чекпоинт torch - тоже zip, но он не архив, а сам файл."""
    if _is_zip(path):
        return not is_torch_zip(path)
    try:
        return tarfile.is_tarfile(path)
    except _BROKEN:
        return False


def _is_zip(path: Path) -> bool:
    """Zip с начала файла: несжатый tar с чекпоинтом внутри тоже кончается записью zip."""
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04" and zipfile.is_zipfile(path)


def is_torch_zip(path: Path) -> bool:
    """Скажи, чекпоинт ли это torch нового формата: в нём есть `имя/data.pkl`."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.count("/") == 1 and name.endswith("/data.pkl")
                       for name in archive.namelist())  # fmt: skip
    except _BROKEN:
        return False


def unpack(
    path: Path,
    folder: Path,
    progress: Callable[[int, int, str], None] = lambda done, total, what: None,
) -> None:
    """Распакуй архив в новую папку.

    Raises:
        DataError: архив повреждён, зашифрован, несёт ссылки, пути наружу или распухает.
    """
    allowed = MAX_GROWTH * path.stat().st_size + SPARE_BYTES
    done = count = 0
    try:
        for name, size, opened in _members(path):
            count += 1
            target = folder / _safe(path, name)
            if count > MAX_MEMBERS or done + size > allowed:
                raise _too_much(path, allowed)
            if target.exists():
                raise DataError(f"{path}: {name!r} is in it twice; it was refused")
            target.parent.mkdir(parents=True, exist_ok=True)
            with opened() as source, target.open("xb") as file:
                while piece := source.read(_PIECE):
                    done += len(piece)
                    if done > allowed:
                        raise _too_much(path, allowed)
                    file.write(piece)
                    progress(done, 0, "unpack")
    except _BROKEN as error:
        reason = str(error) or type(error).__name__
        raise DataError(f"{path}: broken or encrypted archive ({reason}); get it again") from error


def _members(path: Path) -> Iterator[Member]:
    if _is_zip(path):
        yield from _zip_members(path)
        return
    with tarfile.open(path, "r:*") as archive:
        for member in archive:
            if member.isdir():
                continue
            if not member.isreg():
                raise DataError(f"{path}: {member.name!r} is a link or a device; it was refused")
            yield member.name, member.size, partial(_tar_stream, archive, member)


def _tar_stream(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    source = archive.extractfile(member)
    assert source is not None  # у обычного файла содержимое есть всегда
    return source


def _zip_members(path: Path) -> Iterator[Member]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            mode = info.external_attr >> 16
            if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise DataError(f"{path}: {info.filename!r} is a link or a device; it was refused")
            if not info.is_dir():
                yield info.filename, info.file_size, partial(archive.open, info)


def _safe(path: Path, name: str) -> PurePosixPath:
    pure = PurePosixPath(name.replace("\\", "/"))
    if pure.is_absolute() or ".." in pure.parts or "\0" in name or not pure.name:
        raise DataError(f"{path}: {name!r} leads out of the archive; it was refused")
    return pure


def _too_much(path: Path, allowed: int) -> DataError:
    return DataError(
        f"{path}: holds more than {allowed} bytes or {MAX_MEMBERS} files, too much for a model of"
        " this size; it was refused"
    )
