"""Дерево M-AILABS: `by_book/ПОЛ/ДИКТОР/КНИГА/` с `metadata.csv` (или `*_mls.json`) и `wavs/`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from tts_framework.components import BadRecord, Recording
from tts_framework.errors import DataError
from tts_framework.speech.fence import Fence
from tts_framework.speech.importing.lists import numbered, read_text, shown
from tts_framework.speech.importing.ljspeech import malformed, text
from tts_framework.speech.importing.options import MailabsOptions

BY_BOOK = "by_book"
JSON = "metadata_mls.json"
_CHAPTER = re.compile(r"(.+?)_f?\d+")
Line = tuple[str, list[str]]


def trees(source: Path) -> list[Path]:
    """Найди папки by_book: в самой SOURCE и не глубже двух папок от неё."""
    if source.name == BY_BOOK:
        return [source]
    found = (path for depth in ("", "*/", "*/*/") for path in source.glob(f"{depth}{BY_BOOK}"))
    return sorted(path for path in found if path.is_dir())


def recordings(config: MailabsOptions, source: Path) -> Iterator[Recording | BadRecord]:
    """Перечисли записи всех книг; id начинается с диктора: книги бывают прочитаны дважды.

    Raises:
        DataError: книг в дереве нет.
    """
    books = [
        book
        for tree in trees(source)
        for book in sorted(tree.rglob("wavs"))
        if book.is_dir() and not book.is_symlink()
    ]
    if not books:
        raise DataError(f"{source}: no {BY_BOOK}/.../wavs; is it an M-AILABS tree?")
    fence = Fence(source)
    for wavs in books:
        yield from _book(config, fence, wavs.parent)


def _book(config: MailabsOptions, fence: Fence, book: Path) -> Iterator[Recording | BadRecord]:
    speaker = _speaker(book)
    try:
        for where, columns in _lines(fence, book):
            problem = malformed(columns)
            if problem:
                yield BadRecord(where, problem)
                continue
            stem = columns[0].removesuffix(".wav")
            chapter = _CHAPTER.fullmatch(stem)
            yield Recording(
                f"{speaker}_{Path(stem).name}",
                text(columns, config.normalized),
                book / "wavs" / f"{stem}.wav",
                speaker,
                source=f"{speaker}/{book.name}/{chapter[1] if chapter else ''}",
                where=where,
            )
    except DataError as error:
        yield BadRecord(shown(book), str(error))


def _speaker(book: Path) -> str:
    """Верни диктора: у смешанных книг (`mix/КНИГА`) его имя неизвестно."""
    owner = book.parent.name
    return owner if owner not in (BY_BOOK, "mix", "male", "female") else "mix"


def _lines(fence: Fence, book: Path) -> Iterator[Line]:
    table = book / "metadata.csv"
    if table.exists() or not (book / JSON).exists():
        for where, line in numbered(table, fence):
            yield where, [column.strip() for column in line.split("|")]
        return
    for name, value in _json(book / JSON, fence).items():
        if isinstance(value, dict):
            texts = [str(value.get(key, "")).strip() for key in ("original", "clean")]
            yield shown(book / JSON), [name, *texts]
        else:
            yield shown(book / JSON), [name]


def _json(path: Path, fence: Fence) -> dict[str, object]:
    try:
        found = json.loads(read_text(path, fence))
    except json.JSONDecodeError as error:
        raise DataError(f"{shown(path)}:{error.lineno}: {error.msg}; fix the file") from error
    except RecursionError as error:
        raise DataError(f"{shown(path)}: nested too deep; this is no list of clips") from error
    if not isinstance(found, dict):
        raise DataError(f"{shown(path)}: expected an object of clips; fix the file")
    return found
