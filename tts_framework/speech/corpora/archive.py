"""Распаковка чужих tar-архивов: наружу выходят только файлы, названные нами."""

from __future__ import annotations

import lzma
import shutil
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

from tts_framework.errors import DataError

MAX_MEMBER_BYTES = 256 * 2**20
BROKEN = (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError)


def unpack(
    source: Path,
    stream: IO[bytes],
    mode: str,
    folder: Path,
    choose: Callable[[str], str | None],
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Распакуй поток файла `source` в `folder`; `choose` переводит имя в архиве в наше или None.

    Ссылки и устройства пропускаются, имена из архива в пути не попадают. Уже распакованный
    целиком файл не пишется снова.

    Raises:
        DataError: архив повреждён или в нём непомерно большой файл.
    """
    try:
        with tarfile.open(fileobj=stream, mode=mode) as archive:  # type: ignore[call-overload]
            done = 0
            for member in archive:
                name = choose(member.name) if member.isreg() else None
                if name is None:
                    continue
                _extract(archive, member, folder / name)
                done += 1
                progress(done)
    except BROKEN as error:
        raise DataError(f"{source}: broken archive ({error}); remove it and run again") from error


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    if member.size > MAX_MEMBER_BYTES:
        raise DataError(f"{member.name}: {member.size} bytes in an archive; not a corpus file")
    if target.is_file() and target.stat().st_size == member.size:
        return
    source = archive.extractfile(member)
    assert source is not None  # у обычного файла содержимое есть всегда
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}")
    with temporary.open("wb") as file:
        shutil.copyfileobj(source, file, 2**20)
    temporary.replace(target)
