"""Таблица корпуса `metadata.csv`: строка заголовка, дальше по строке на клип, поля через `|`.

Столбцы узнаются по именам: `id`, `text`, `duration`, `speaker` есть всегда, `source` (общий
отрывок или запись) и `normalized` (текст после фронтенда) — когда они известны.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tts_framework.errors import DataError
from tts_framework.speech.disk import write_text

TABLE = "metadata.csv"
REQUIRED = ("id", "text", "duration", "speaker")
OPTIONAL = ("source", "normalized")
_BAD_ID = re.compile(r"^\.|[/\\|\x00-\x1f\x7f]|^$")


@dataclass(frozen=True)
class Row:
    """Один клип корпуса; звук — `wavs/<id>.wav`, `seconds` — его длительность.

    `text` — как записано в расшифровке (пусто, пока её нет), `normalized` — после фронтенда.
    """

    id: str
    text: str
    seconds: float
    speaker: str = ""
    source: str = ""
    normalized: str = ""

    @property
    def spoken(self) -> str:
        """Верни текст для обучения: нормализованный, если он есть."""
        return self.normalized or self.text


def wav(folder: Path, id: str) -> Path:
    """Верни место звука клипа в папке корпуса."""
    return folder / "wavs" / f"{id}.wav"


def read(folder: Path) -> list[Row]:
    """Прочитай таблицу корпуса; CRLF и BOM допустимы.

    Raises:
        DataError: таблицы нет, она не в UTF-8 или строки неверны; названы все, с номерами.
    """
    rows, problems = scan(folder)
    if problems:
        raise DataError([f"{folder / TABLE}:{number}: {what}" for number, what in problems])
    return [row for _, row in rows]


def scan(folder: Path) -> tuple[list[tuple[int, Row]], list[tuple[int, str]]]:
    """Раздели строки таблицы на годные и негодные (с причиной); у каждой её номер в файле.

    Raises:
        DataError: таблицы нет, она не в UTF-8 или не тот заголовок.
    """
    path = folder / TABLE
    rows: list[tuple[int, Row]] = []
    problems: list[tuple[int, str]] = []
    lines = _lines(path)
    header = next(lines, "").split("|")
    missing = [name for name in REQUIRED if name not in header]
    if missing or len(set(header)) != len(header):
        raise DataError(
            f"{path}:1: expected the header {'|'.join(REQUIRED)}, found {'|'.join(header)[:80]!r};"
            " is this a corpus folder?"
        )
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=2):
        if line.strip():
            try:
                row = _row(header, line)
                if seen.setdefault(row.id, number) != number:
                    raise DataError(f"id {row.id!r} is already on line {seen[row.id]}; remove one")
                rows.append((number, row))
            except DataError as error:
                problems.append((number, str(error)))
    return rows, problems


def write(folder: Path, rows: Iterable[Row]) -> None:
    """Запиши таблицу атомарно; необязательный столбец появляется, когда он у кого-то заполнен.

    Raises:
        DataError: поле с `|` или переводом строки не помещается в таблицу; диск не пишется.
    """
    rows = list(rows)
    extra = [name for name in OPTIONAL if any(getattr(row, name) for row in rows)]
    lines = ["|".join([*REQUIRED, *extra])]
    for row in rows:
        check_id(row.id)
        fields = [row.id, row.text, f"{row.seconds:.3f}", row.speaker]
        fields += [getattr(row, name) for name in extra]
        bad = [field for field in fields if "|" in field or len(field.splitlines()) > 1]
        if bad:
            raise DataError(f"{row.id}: {bad[0]!r} has '|' or a line break; fix the source")
        lines.append("|".join(fields))
    write_text(folder / TABLE, "\n".join([*lines, ""]))


def check_id(id: str) -> None:
    """Убедись, что `wavs/<id>.wav` не выйдет из папки корпуса.

    Raises:
        DataError: в id есть `/`, `|`, управляющий знак или он начинается с точки.
    """
    if _BAD_ID.search(id):
        raise DataError(f"id {id!r} cannot name a file; use letters, digits, '_' and '-'")


def _lines(path: Path) -> Iterator[str]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror}); 'ttsf data prepare' and 'ttsf data get'"
            " make corpora"
        ) from error
    try:
        text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        number = content[: error.start].count(b"\n") + 1
        raise DataError(
            f"{path}:{number}: not UTF-8 (byte 0x{content[error.start]:02x}); convert the table:"
            " iconv -f CP1251 -t UTF-8"
        ) from error
    for line in text.split("\n"):
        yield line.removesuffix("\r")


def _row(header: list[str], line: str) -> Row:
    fields = line.split("|")
    if len(fields) != len(header):
        raise DataError(f"expected {len(header)} columns, found {len(fields)}; fix the line")
    found = dict(zip(header, (field.strip() for field in fields)))
    check_id(found["id"])
    try:
        seconds = float(found["duration"])
    except ValueError as error:
        raise DataError(f"duration {found['duration']!r} is not a number; fix it") from error
    extra = {name: found[name] for name in OPTIONAL if name in found}
    return Row(found["id"], found["text"], seconds, found["speaker"], **extra)
