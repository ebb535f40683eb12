"""Таблица текстов: `id|text|style|speaker`, разделитель узнаётся по первой строке.

Таблица - файл, в первой строке которого есть столбец `text`; порядок столбцов любой, лишние не
мешают. Разделитель - тот из `|`, табуляции, `;` и `,`, с которым этот столбец нашёлся. Кавычки
действуют везде, кроме `|`: там текст записан как есть, как и в списках клипов. Список клипов
(`path|text` без заголовка) тоже годится: `id` - имя звукового файла без расширения.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tts_framework.errors import DataError
from tts_framework.synthesis.lines import Line

DELIMITERS = ("|", "\t", ";", ",")
COLUMNS = ("id", "text", "style", "speaker")
SUFFIXES = (".csv", ".tsv", ".psv")
SHOWN = 20
_LIST = ("path", "text")


@dataclass(frozen=True)
class Layout:
    """Разделитель, столбцы и то, есть ли строка заголовка."""

    delimiter: str
    columns: tuple[str, ...]
    header: bool = True


def layout(path: Path, rows: Sequence[str]) -> Layout | None:
    """Узнай раскладку таблицы; None - это просто строки.

    Raises:
        DataError: имя файла обещает таблицу, а столбцов в ней нет.
    """
    first = next((row for row in rows if row.strip()), "")
    is_table = path.suffix.lower() in SUFFIXES
    for delimiter in DELIMITERS:
        names = tuple(name.strip().lower() for name in _cells(first, delimiter))
        if "text" in names and (is_table or len(names) > 1):
            return Layout(delimiter if len(names) > 1 else "\t", names)
    if not is_table:
        return None
    if len(first.split("|")) == len(_LIST):
        return Layout("|", _LIST, header=False)
    raise DataError(
        f"{path}:1: no column is called 'text'; name the columns in the first line, such as"
        " id|text|style, or rename the file to .txt to say its lines"
    )


def read(path: Path, rows: Sequence[str], found: Layout) -> list[Line]:
    """Прочти строки таблицы.

    Raises:
        DataError: каждая плохая строка названа: нет текста, не то число столбцов, `id` повторён.
    """
    problems: list[str] = []
    twice = sorted({name for name in found.columns if name and found.columns.count(name) > 1})
    if twice:
        raise DataError(f"{path}:1: two columns are called {twice[0]!r}; rename one")
    lines: list[Line] = []
    seen: dict[str, int] = {}
    for number, cells in _records(rows, found):
        where = f"{path}:{number}"
        try:
            line = _line(where, cells, found)
            if line.id and line.id in seen:
                raise DataError(f"{where}: id {line.id!r} is that of line {seen[line.id]} too;"
                                " rename one")  # fmt: skip
            seen[line.id] = number
            lines.append(line)
        except DataError as error:
            problems += error.problems
    if problems:
        more = len(problems) - SHOWN
        raise DataError(
            problems[:SHOWN] + ([f"{path}: ... and {more} more like these"] if more > 0 else [])
        )
    return lines


def _line(where: str, cells: list[str], found: Layout) -> Line:
    if len(cells) != len(found.columns):
        raise DataError(
            f"{where}: {len(cells)} column(s), expected {len(found.columns)}"
            f" ({found.delimiter.join(found.columns)}); fix the line"
        )
    values = dict(zip(found.columns, (cell.strip() for cell in cells), strict=True))
    if not values["text"]:
        raise DataError(f"{where}: the text is empty; write what to say or remove the line")
    if "path" in values and "id" not in values:
        values["id"] = Path(values["path"]).stem
    return Line(where=where, **{name: values.get(name, "") for name in COLUMNS})


def _records(rows: Sequence[str], found: Layout) -> Iterator[tuple[int, list[str]]]:
    """Отдай записи и номера строк, где они начались; пустые пропускаются."""
    if found.delimiter == "|":
        cells = [(n, row.split("|")) for n, row in enumerate(rows, start=1) if row.strip()]
    else:
        cells = list(_quoted(rows, found.delimiter))
    yield from cells[1 if found.header else 0 :]


def _quoted(rows: Sequence[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader((f"{row}\n" for row in rows), delimiter=delimiter)
    start = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            cells = [f"{error}"]
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield start, cells
        start = reader.line_num + 1


def _cells(row: str, delimiter: str) -> list[str]:
    if delimiter == "|":
        return row.split("|")
    try:
        return next(csv.reader([row], delimiter=delimiter), [])
    except csv.Error:
        return []
