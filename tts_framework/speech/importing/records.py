"""Записи, перечисленные раскладкой: проверенные имена, пути и тексты; негодные — с местом.

Что можно поправить, не теряя смысла, правится и называется: `|` и переводы строк в тексте
становятся пробелом, имя, из которого не сделать имени файла, заменяется похожим с хэшем.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tts_framework.components import BadRecord, Layout, Recording
from tts_framework.errors import DataError
from tts_framework.problems import one_line
from tts_framework.speech.corpora.table import check_id
from tts_framework.speech.fence import Fence
from tts_framework.speech.importing.lists import shown
from tts_framework.speech.splitting.groups import rank

EMPTY = "the text is empty; write what is said or remove the record"
OUTSIDE = "copy the file into the corpus"
_SPACES = re.compile(r"[|\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_UNSAFE = re.compile(r"[^\w.-]+")
REPORTED = 1000


@dataclass
class Listed:
    """Что нашлось: годные записи, проблемы `место: причина` и поправленное."""

    good: list[Recording] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)


def listed(
    layout: Layout, source: Path, limit: int | None, progress: Callable[[int, int, str], None]
) -> Listed:
    """Перечисли записи раскладки; `limit` берёт подмножество, не зависящее от порядка списка.

    Raises:
        DataError: главный список раскладки не читается.
    """
    found, checker = Listed(), _Checker(layout.root(source))
    for number, record in enumerate(layout.recordings(source), start=1):
        if isinstance(record, BadRecord):
            found.bad.append(one_line(f"{record.where}: {record.reason}"))
        else:
            try:
                found.good.append(checker.checked(record, found.repaired))
            except DataError as error:
                found.bad.append(one_line(f"{record.where}: {error}"))
        if number % REPORTED == 0:
            progress(number, 0, "list")
    _refuse_empty_texts(found)
    if limit is not None and limit < len(found.good):
        found.good = sorted(found.good, key=lambda record: rank(record.id))[:limit]
    found.good.sort(key=lambda record: record.id)
    return found


class _Checker:
    """Проверяет записи по одной и помнит, чьи имена уже заняты."""

    def __init__(self, root: Path) -> None:
        self._fence = Fence(root)
        self._taken: dict[str, str] = {}

    def checked(self, record: Recording, repaired: list[str]) -> Recording:
        """Верни запись с годными полями.

        Raises:
            DataError: файла нет, он снаружи или имя уже занято.
        """
        for path in (record.wav, record.label):
            if path is not None:
                self._fence.check_inside(path, OUTSIDE)
                if not path.is_file():
                    raise DataError(f"{shown(path)}: no such file; restore it or remove its line")
        id = safe_id(record.id)
        if id != record.id:
            repaired.append(one_line(f"{record.where}: id {record.id!r} is now {id!r}"))
        text = tidy(record.text)
        if "|" in record.text or len(record.text.strip().splitlines()) > 1:
            repaired.append(one_line(f"{record.where}: '|' or a line break left out of the text"))
        if id in self._taken:
            raise DataError(f"id {id!r} is already taken by {self._taken[id]}; rename one")
        self._taken[id] = record.where
        speaker, place = tidy(record.speaker), tidy(record.source)
        if (id, text, speaker, place) == (record.id, record.text, record.speaker, record.source):
            return record
        return replace(record, id=id, text=text, speaker=speaker, source=place)


def tidy(text: str) -> str:
    """Сожми пробелы; `|` и управляющие знаки, которым не место в таблице, — тоже пробел."""
    if text.isprintable() and "|" not in text and "  " not in text:
        return text.strip()
    return _SPACES.sub(" ", text.encode("utf-8", "replace").decode()).strip()


def safe_id(id: str) -> str:
    """Верни id, если он годится в имя файла и поле таблицы, или похожий на него с хэшем."""
    try:
        check_id(id)
        if id == id.strip() and id.isprintable():
            return id
    except DataError:
        pass
    digest = hashlib.sha256(id.encode("utf-8", "surrogateescape")).hexdigest()[:6]
    plain = _UNSAFE.sub("_", id.encode("utf-8", "replace").decode()).strip("._-")
    return f"{plain}_{digest}".lstrip("_")


def _refuse_empty_texts(found: Listed) -> None:
    """Записи без текста негодны, если тексты есть у других: у всех без — их ещё расшифруют."""
    if any(record.text for record in found.good):
        empty = [record for record in found.good if not record.text]
        found.bad += [one_line(f"{record.where}: {record.id}: {EMPTY}") for record in empty]
        found.good = [record for record in found.good if record.text]
