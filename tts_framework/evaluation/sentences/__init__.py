"""Трудные фразы: списки пакета и файл пользователя одного вида.

Строка - фраза; строка `# вид` называет вид следующих за ней фраз; пустые пропускаются.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tts_framework.errors import DataError

LANGUAGES = ("ru", "en")
OTHER = "other"
MOST_BYTES = 1_000_000
MOST_SENTENCES = 2_000


@dataclass(frozen=True)
class Sentence:
    """Фраза, её вид (`numbers`, `long`, ...) и строка файла с единицы."""

    text: str
    kind: str
    line: int


def hard_sentences(source: str | Path) -> list[Sentence]:
    """Верни список пакета (`ru`, `en`) или фразы файла в UTF-8.

    Raises:
        DataError: файла нет, он не в UTF-8, слишком велик или в нём нет фраз.
    """
    path = Path(source)
    if str(source) in LANGUAGES:
        path = Path(__file__).with_name(f"{source}.txt")
    found: list[Sentence] = []
    kind = OTHER
    for number, line in enumerate(_text(path).splitlines(), start=1):
        words = " ".join(line.split())
        if words.startswith("#"):
            kind = words.strip("# ") or OTHER
        elif words:
            found.append(Sentence(words, kind, number))
    if not found:
        raise DataError(f"{path}: there is no sentence in it; write one a line")
    if len(found) > MOST_SENTENCES:
        raise DataError(
            f"{path}: {len(found)} sentences, {MOST_SENTENCES} are the most; split the file"
        )
    return found


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise DataError(
            f"--sentences {path}: {error.strerror}; give {', '.join(LANGUAGES)} or a text file"
        ) from error
    if len(content) > MOST_BYTES:
        raise DataError(f"{path}: is larger than {MOST_BYTES} bytes; split the file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataError(f"{path}:{line}: is not UTF-8; convert it: iconv -t UTF-8") from error
