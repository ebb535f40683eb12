"""`review.csv`: расшифровки, отложенные на проверку человеку.

Строка — клип, столбцы `id|confidence|text|heard|reason`. Человек правит `text`; поле с `|` или
кавычками таблица берёт в кавычки, поэтому файл открывается в любом табличном редакторе.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tts_framework.errors import DataError
from tts_framework.speech.corpora.table import check_id
from tts_framework.speech.disk import write

REVIEW = "review.csv"
COLUMNS = ("id", "confidence", "text", "heard", "reason")
DROP = "[drop]"
"""Текст строки, которой человек убирает клип из корпуса."""

_DELIMITERS = "|;,\t"


@dataclass(frozen=True)
class Line:
    """Один отложенный клип; `text` — что станет текстом, `number` — строка файла с единицы."""

    id: str
    text: str
    heard: str = ""
    confidence: float = 0.0
    reason: str = ""
    number: int = 0

    @property
    def is_dropped(self) -> bool:
        """Скажи, велел ли человек убрать клип (редактор мог сменить регистр)."""
        return self.text.casefold() == DROP

    @property
    def is_edited(self) -> bool:
        """Скажи, менял ли человек текст."""
        return self.text not in ("", self.heard)


def read(path: Path, encoding: str = "utf-8") -> list[Line]:
    """Прочитай файл проверки; разделитель и столбцы узнаются по заголовку.

    Нужны столбцы `id` и `text`; CRLF, BOM и разделители `;`, `,` и табуляция допустимы.

    Raises:
        DataError: файла нет, он в другой кодировке или строки неверны; названы все, с номерами.
    """
    rows = _decoded(path, encoding).replace("\r\n", "\n").split("\n")
    delimiter = next((char for char in _DELIMITERS if char in rows[0]), "|")
    header = [name.strip().strip('"') for name in rows[0].split(delimiter)]
    if not {"id", "text"} <= set(header) or len(set(header)) != len(header):
        raise DataError(
            f"{path}:1: expected the header {'|'.join(COLUMNS)}, found {rows[0][:80]!r};"
            " is this a review file?"
        )
    lines: list[Line] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for number, row in enumerate(rows[1:], start=2):
        if row.strip(f"{delimiter} \t"):
            try:
                line = _line(header, row, delimiter, number)
                if seen.setdefault(line.id, number) != number:
                    raise DataError(
                        f"id {line.id!r} is already on line {seen[line.id]}; remove one"
                    )
                lines.append(line)
            except DataError as error:
                problems.append(f"{path}:{number}: {error}")
    if problems:
        raise DataError(problems)
    return lines


def save(path: Path, lines: Iterable[Line]) -> None:
    """Запиши файл проверки атомарно.

    Raises:
        DiskFull: кончилось место; прежний файл цел.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter="|", lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in lines:
        fields = (line.id, f"{line.confidence:.3f}", line.text, line.heard, line.reason)
        writer.writerow([" ".join(field.split()) for field in fields])
    write(path, buffer.getvalue().encode())


def _decoded(path: Path, encoding: str) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror}); 'ttsf data transcribe' makes it"
        ) from error
    try:
        return content.removeprefix(b"\xef\xbb\xbf").decode(encoding)
    except LookupError as error:
        raise DataError(f"--encoding {encoding}: no such encoding; try cp1251 or utf-16") from error
    except UnicodeDecodeError as error:
        number = content[: error.start].count(b"\n") + 1
        advice = "cp1251 (or utf-16)" if encoding.lower() in ("utf-8", "utf8") else "another one"
        raise DataError(
            f"{path}:{number}: not {encoding.upper()} (byte 0x{content[error.start]:02x});"
            f" save it as UTF-8 or name its encoding: --encoding {advice}"
        ) from error
    except UnicodeError as error:
        raise DataError(
            f"{path}:1: not {encoding.upper()}; save it as UTF-8 or name its encoding: --encoding"
        ) from error


def _line(header: list[str], row: str, delimiter: str, number: int) -> Line:
    try:
        (fields,) = csv.reader([row], delimiter=delimiter, strict=True)
    except (csv.Error, ValueError) as error:
        raise DataError(f"a quote is not closed ({error}); fix the line") from error
    if len(fields) != len(header):
        raise DataError(
            f"expected {len(header)} columns, found {len(fields)};"
            f" a text with {delimiter!r} must stand in double quotes"
        )
    found = dict(zip(header, (" ".join(field.split()) for field in fields)))
    check_id(found["id"])
    try:
        confidence = float(found.get("confidence", "").replace(",", ".") or 0)
    except ValueError as error:
        raise DataError(f"confidence {found['confidence']!r} is not a number; fix it") from error
    heard, reason = found.get("heard", ""), found.get("reason", "")
    return Line(found["id"], found["text"], heard, confidence, reason, number)
