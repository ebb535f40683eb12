"""Принять проверенный человеком `review.csv`: тексты — в таблицу, ненужное — из корпуса."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from tts_framework.errors import DataError
from tts_framework.speech.corpora import manifest, table
from tts_framework.speech.corpora.table import Row, wav
from tts_framework.speech.disk import explained
from tts_framework.speech.transcribing import review
from tts_framework.speech.transcribing.letters import letters
from tts_framework.speech.transcribing.locking import locked
from tts_framework.speech.transcribing.review import DROP, Line

DROPPED = "dropped"


@dataclass(frozen=True)
class Applied:
    """Итог: исправлено, принято как услышано, убрано из корпуса, осталось без решения."""

    corrected: int
    confirmed: int
    dropped: int
    undecided: int


def apply(folder: Path, file: Path | None = None, encoding: str = "utf-8") -> Applied:
    """Внеси проверенные тексты в таблицу корпуса; строки с пустым текстом ждут дальше.

    Текст `[drop]` убирает клип: строка уходит из таблицы, звук — в папку `dropped/`. Повторный
    вызов безвреден; прерванный — доделывает.

    Raises:
        DataError: в файле есть ошибки; названы все, корпус не изменён.
    """
    with locked(folder):
        own = folder / review.REVIEW
        source = file or own
        lines = review.read(source, encoding)
        rows = {row.id: row for row in table.read(folder)}
        dropped = set(_dropped(folder))
        problems = [
            f"{source}:{line.number}: {problem}"
            for line in lines
            if (problem := _problem(folder, line, rows, dropped))
        ]
        if problems:
            raise DataError(problems)
        waiting = _still_waiting(own, lines, rows) if source != own else []
        return _applied(folder, rows, lines, waiting, dropped)


def _problem(folder: Path, line: Line, rows: dict[str, Row], dropped: set[str]) -> str:
    """Назови, чем строка негодна; пусто — годна."""
    if line.id not in rows:
        if line.id in dropped and (line.is_dropped or not line.text):
            return ""
        was = "was dropped earlier" if line.id in dropped else "is not in metadata.csv"
        return f"clip {line.id!r} {was}; remove the line"
    if line.is_dropped or not line.text:
        return ""
    if "|" in line.text:
        return f"text {line.text!r} has '|', which separates columns in metadata.csv; remove it"
    if not letters(line.text):
        return f"text {line.text!r} has no letters; write what is said, or {DROP}"
    if not wav(folder, line.id).is_file():
        return f"{wav(folder, line.id)}: no such file; restore it or write {DROP} as the text"
    return ""


def _still_waiting(own: Path, lines: list[Line], rows: dict[str, Row]) -> list[Line]:
    """Верни строки своего файла, которых нет в принесённом."""
    brought = {line.id for line in lines}
    kept = review.read(own) if own.exists() else []
    return [line for line in kept if line.id not in brought and line.id in rows]


def _applied(
    folder: Path, rows: dict[str, Row], lines: list[Line], waiting: list[Line], dropped: set[str]
) -> Applied:
    drop = [line.id for line in lines if line.is_dropped]
    texts = {line.id: line.text for line in lines if line.text and not line.is_dropped}
    undecided = [line for line in lines if not line.text and line.id in rows] + waiting
    corrected = sum(line.is_edited for line in lines if line.id in texts)
    kept = [_with_text(row, texts.get(row.id)) for row in rows.values() if row.id not in drop]
    if drop:
        manifest.update(folder, review={"dropped": sorted({*dropped, *drop})})
    table.write(folder, kept)
    _set_sounds_aside(folder, drop)
    review.save(folder / review.REVIEW, undecided)
    return Applied(corrected, len(texts) - corrected, len(drop), len(undecided))


def _with_text(row: Row, text: str | None) -> Row:
    return row if text in (None, row.text) else replace(row, text=text, normalized="")


def _set_sounds_aside(folder: Path, ids: list[str]) -> None:
    for id in ids:
        sound = wav(folder, id)
        target = folder / DROPPED / sound.name
        try:
            if sound.exists():
                target.parent.mkdir(exist_ok=True)
                sound.replace(target)
        except OSError as error:
            raise explained(error, target) from error


def _dropped(folder: Path) -> list[str]:
    section = manifest.read(folder).get("review")
    found = section.get("dropped") if isinstance(section, dict) else None
    return [id for id in found if isinstance(id, str)] if isinstance(found, list) else []
