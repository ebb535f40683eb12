"""Дописан ли чекпоинт: по тому, что формат сам говорит о своей длине. Ничего не исполняется."""

from __future__ import annotations

import json
import pickletools
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TEMPORARY = (".tmp", ".temp", ".part", ".partial", ".incomplete", ".lock")
_PARSED_BYTES = 64 << 20
"""Больший JSON или pickle целиком не разбирается: смотрят только на его конец."""
_MOST_FILES = 10_000
_HEADER = struct.Struct("<Q")
_CUT_OFF = (
    OSError,
    EOFError,
    struct.error,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
    OverflowError,
)
"""Чем разборщики отвечают на оборванный или враждебный файл."""
_LEGACY_TORCH = 0x1950A86A20F9469CFC6C


def files_of(path: Path) -> list[Path]:
    """Верни файл или все файлы папки, упорядоченные по имени."""
    if not path.is_dir():
        return [path]
    return sorted(p for p in path.rglob("*") if p.is_file())[:_MOST_FILES]


def defect(path: Path) -> tuple[str | None, bool]:
    """Верни, чем файл или папка не закончены (None — ничем), и может ли формат это доказать.

    Доказывают: zip (torch.save, .npz), safetensors, JSON, pickle; у папки — все её файлы, указатели
    `*.index.json` и `.metadata` распределённого чекпоинта.
    """
    if not path.is_dir():
        return _file_defect(path)
    files, proven = files_of(path), True
    if not files:
        return "is an empty folder", True
    for file in files:
        if not file.suffix and file.stat().st_size == 0:
            continue  # отметка вроде DONE
        reason, known = _file_defect(file)
        proven = proven and known
        if reason:
            return f"{file.relative_to(path)} {reason}", True
    try:
        missing = next(_missing(path, files), None)
    except _CUT_OFF as error:
        return f"has an index that cannot be read ({str(error)[:80]})", True
    return (f"{missing} is not there yet", True) if missing else (None, proven)


def _file_defect(path: Path) -> tuple[str | None, bool]:
    if path.name.endswith(TEMPORARY):
        return "is a temporary file", True
    size = path.stat().st_size
    if size == 0:
        return "is empty", True
    with open(path, "rb") as file:
        head = file.read(16)
    try:
        return _by_format(path, head, size)
    except _CUT_OFF as error:
        return f"is cut off ({str(error)[:80]})", True


def _by_format(path: Path, head: bytes, size: int) -> tuple[str | None, bool]:
    if head.startswith(b"PK\x03\x04"):
        return _zip_defect(path, size), True
    if path.suffix == ".safetensors":
        return _safetensors_defect(path, size), True
    if path.suffix == ".json" or head.startswith(b'{"'):
        return _json_defect(path, size), True
    if head[:1] == b"\x80" and 2 <= head[1] <= 5:
        return _pickle_defect(path, size)
    if not head.strip(b"\x00"):
        return "starts with zeros", True
    return None, False


def _zip_defect(path: Path, size: int) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            start = archive.start_dir
    except zipfile.BadZipFile:
        return "has no zip directory at its end"
    if not infos or any(i.header_offset + i.compress_size > start for i in infos) or start > size:
        return "has a zip directory that does not fit its contents"
    return None


def _safetensors_defect(path: Path, size: int) -> str | None:
    with open(path, "rb") as file:
        (length,) = _HEADER.unpack(file.read(_HEADER.size))
        if length > size - _HEADER.size:
            return "has a header that is cut off"
        header: dict[str, Any] = json.loads(file.read(length))
    ends = [v["data_offsets"][1] for k, v in header.items() if k != "__metadata__"]
    expected = _HEADER.size + length + max(ends, default=0)
    return None if size == expected else f"has {size:,} of {expected:,} bytes"


def _json_defect(path: Path, size: int) -> str | None:
    if size <= _PARSED_BYTES:
        try:
            json.loads(path.read_bytes())
        except ValueError:
            return "is JSON without its end"
        return None
    with open(path, "rb") as file:
        file.seek(-16, 2)
        return None if file.read().rstrip()[-1:] in b"]}" else "is JSON without its end"


def _pickle_defect(path: Path, size: int) -> tuple[str | None, bool]:
    if size > _PARSED_BYTES:
        return None, False
    with open(path, "rb") as file:
        operations = list(pickletools.genops(file))  # только чтение: ничего не исполняется
        legacy = any(argument == _LEGACY_TORCH for _, argument, _ in operations[:4])
        whole = file.tell() == size
    return None, whole and not legacy  # за старым torch.save следуют тензоры без длины


def _missing(folder: Path, files: list[Path]) -> Iterator[str]:
    """Назови файлы, на которые папка ссылается, а их нет."""
    names = {file.relative_to(folder).as_posix() for file in files}
    if any(name.endswith(".distcp") for name in names) and ".metadata" not in names:
        yield ".metadata"
    for file in files:
        if not file.name.endswith(".index.json"):
            continue
        index = json.loads(file.read_bytes())
        parts = index.get("weight_map", {}) if isinstance(index, dict) else {}
        for part in sorted({str(value) for value in parts.values()}):
            if not (file.parent / part).is_file():
                yield part
