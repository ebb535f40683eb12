"""Что сказать: строка, файл строк, таблица или стандартный ввод."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tts_framework.errors import DataError

MAX_BYTES = 64 * 2**20
"""Больше текста одним файлом не берут: это сутки речи."""

_BOM = "\ufeff"


@dataclass(frozen=True)
class Line:
    """Один текст и место, откуда он взят (`lines.csv:3`); остальное - если оно названо."""

    text: str
    where: str
    id: str = ""
    style: str = ""
    speaker: str = ""


def of_text(text: str) -> list[Line]:
    """Раздели текст на непустые строки.

    Raises:
        DataError: сказать нечего.
    """
    rows = enumerate(text.removeprefix(_BOM).splitlines(), start=1)
    found = [Line(row.strip(), f"--text:{n}") for n, row in rows if row.strip()]
    if not found:
        raise DataError("--text: there is nothing to say; give some words")
    return found


def of_file(path: Path) -> list[Line]:
    """Прочти файл: таблицу, если она это, иначе по тексту на строку (пустые пропускаются).

    Raises:
        DataError: файл не читается, велик, не в UTF-8, пуст или таблица с изъяном.
    """
    from tts_framework.synthesis import tables

    text = _decoded(path, _content(path))
    rows = [row.removesuffix("\r") for row in text.removeprefix(_BOM).split("\n")]
    layout = tables.layout(path, rows)
    if layout is not None:
        found = tables.read(path, rows, layout)
    else:
        found = [
            Line(row.strip(), f"{path}:{n}") for n, row in enumerate(rows, start=1) if row.strip()
        ]
    if not found:
        raise DataError(f"{path}: there is nothing to say; put a text on each line")
    return found


def of_stream(stream: BinaryIO) -> Iterator[Line]:
    """Отдавай строки стандартного ввода, как только они приходят.

    Raises:
        DataError: строка не в UTF-8 или длиннее `MAX_BYTES`, либо ввод пуст.
    """
    said = False
    for number, raw in enumerate(iter(lambda: stream.readline(MAX_BYTES + 1), b""), start=1):
        if len(raw) > MAX_BYTES:
            raise DataError(f"stdin:{number}: longer than {MAX_BYTES >> 20} MiB; split it")
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        except UnicodeDecodeError as error:
            raise DataError(f"stdin:{number}: {_not_utf8(error)}") from error
        if text:
            said = True
            yield Line(text, f"stdin:{number}")
    if not said:
        raise DataError("stdin: there is nothing to say; give --text, --file or pipe some text in")


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DataError(f"--file {path}: {error.strerror}; give a text file") from error
    if len(content) > MAX_BYTES:
        raise DataError(f"--file {path}: larger than {MAX_BYTES >> 20} MiB; split it")
    return content


def _decoded(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataError(f"{path}:{line}: {_not_utf8(error)}") from error


def _not_utf8(error: UnicodeDecodeError) -> str:
    byte = error.object[error.start]
    return f"not UTF-8 (byte 0x{byte:02x}); convert it: iconv -f CP1251 -t UTF-8"
