"""Текстовые списки чужих корпусов: UTF-8 с BOM или без, любые концы строк, места ошибок."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tts_framework.errors import DataError
from tts_framework.problems import one_line
from tts_framework.speech.fence import Fence

INSIDE = "copy the file into the corpus"
SILENCES = frozenset({"", "sil", "sp", "spn", "pau", "<eps>", "<sil>", "#", "_"})


def shown(path: Path) -> str:
    """Покажи путь одной строкой, каким бы ни было имя."""
    return one_line(str(path))


def read_text(path: Path, fence: Fence) -> str:
    """Прочитай текстовый файл корпуса, лежащий внутри его границ.

    Raises:
        DataError: файла нет, он снаружи или не в UTF-8; названы файл и строка.
    """
    try:
        fence.check_inside(path, INSIDE)
        content = path.read_bytes()
    except DataError as error:
        raise DataError(f"{shown(path)}: {error}") from error
    except OSError as error:
        raise DataError(
            f"{shown(path)}: cannot be read ({error.strerror}); is it the right layout and folder?"
        ) from error
    try:
        return content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataError(
            f"{shown(path)}:{line}: not UTF-8 (byte 0x{content[error.start]:02x}); convert it:"
            " iconv -f CP1251 -t UTF-8"
        ) from error


def numbered(path: Path, fence: Fence) -> Iterator[tuple[str, str]]:
    """Выдай непустые строки с местами `metadata.csv:17`.

    Raises:
        DataError: как у `read_text`, и когда ни одной записи нет.
    """
    empty, name = True, shown(path)
    for number, line in enumerate(read_text(path, fence).split("\n"), start=1):
        line = line.removesuffix("\r")
        if line.strip():
            empty = False
            yield f"{name}:{number}", line
    if empty:
        raise DataError(f"{name}:1: the list is empty; is it the right file?")
