"""Записи о версиях: имя, сообщение, предок, итоги; версия видна, когда видна её запись."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from tts_framework.components import Versions
from tts_framework.errors import DataError
from tts_framework.speech.versions.manifest import DIGEST

NAME = re.compile(r"\w[\w.\-]{0,99}")
MAX_MESSAGE = 1000
MIN_PREFIX = 4
SHORT = 12


@dataclass(frozen=True)
class Record:
    """Опубликованная версия; `seconds` — сумма длительностей таблицы, None — таблицы нет."""

    id: str
    name: str
    message: str = ""
    parent: str | None = None
    created: float = 0.0
    files: int = 0
    clips: int = 0
    size: int = 0
    seconds: float | None = None
    manifest_bytes: int = 0

    @property
    def short(self) -> str:
        """Верни id, каким его показывают и принимают команды."""
        return self.id[:SHORT]

    @property
    def day(self) -> str:
        """Верни время сохранения для человека."""
        try:
            return datetime.fromtimestamp(self.created).strftime("%Y-%m-%d %H:%M")
        except (OverflowError, ValueError, OSError):
            return "?"

    def encode(self) -> bytes:
        """Верни запись в JSON."""
        return json.dumps(asdict(self), ensure_ascii=False).encode()


def made(record: Record) -> Record:
    """Поставь время и проверь имя и сообщение.

    Raises:
        DataError: имя не годится или сообщение слишком длинное.
    """
    if not NAME.fullmatch(record.name):
        raise DataError(f"name {record.name!r}: use letters, digits, '_', '-' and '.', 100 at most")
    message = " ".join(record.message.split())
    if len(message) > MAX_MESSAGE:
        raise DataError(f"message: {len(message)} characters; {MAX_MESSAGE} at most")
    return replace(record, message=message, created=time.time())


def parse(content: bytes) -> Record | None:
    """Разбери запись из хранилища; негодная — None."""
    try:
        values: dict[str, Any] = json.loads(content)
        record = Record(**{name: values[name] for name in Record.__dataclass_fields__})
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    counts = (record.files, record.clips, record.size, record.manifest_bytes)
    good = (
        isinstance(record.name, str)
        and NAME.fullmatch(record.name)
        and isinstance(record.message, str)
        and len(record.message) <= MAX_MESSAGE
        and all(isinstance(id, str) and DIGEST.fullmatch(id) for id in (record.id, _parent(record)))
        and all(isinstance(count, int) and count >= 0 for count in counts)
        and all(isinstance(x, int | float) for x in (record.created, record.seconds or 0))
    )
    if not good:
        return None
    return replace(record, message="".join(c if c.isprintable() else "?" for c in record.message))


def _parent(record: Record) -> str:
    return record.id if record.parent is None else record.parent


def read(store: Versions, name: str | None = None) -> tuple[list[Record], int]:
    """Верни записи от старых к новым (одной версии под одним именем — одну) и число негодных."""
    contents = store.records()
    parsed = [record for record in map(parse, contents) if record is not None]
    unique: dict[tuple[str, str], Record] = {}
    for record in sorted(parsed, key=lambda record: (record.created, record.id)):
        unique.setdefault((record.id, record.name), record)
    chosen = [record for record in unique.values() if name in (None, record.name)]
    return chosen, len(contents) - len(parsed)


def resolve(asked: str, records: Sequence[Record]) -> Record:
    """Найди версию по id, его началу (от четырёх знаков) или имени — тогда новейшую.

    Raises:
        DataError: такой нет или начало подходит нескольким.
    """
    found: dict[str, Record] = {}
    if len(asked) >= MIN_PREFIX:
        found = {record.id: record for record in records if record.id.startswith(asked.lower())}
    named = [record for record in records if record.name == asked]
    if named:
        found[named[-1].id] = named[-1]
    if not found:
        known = ", ".join(f"{record.short} ({record.name})" for record in records[-5:])
        raise DataError(
            f"{asked}: no such version; the newest are {known}"
            if known
            else f"{asked}: no such version, the store has none; 'ttsf data version save' makes one"
        )
    if len(found) > 1:
        several = ", ".join(f"{record.short} ({record.name})" for record in found.values())
        raise DataError(f"{asked}: several versions fit: {several}; give more of the id")
    return next(iter(found.values()))
