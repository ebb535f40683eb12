"""Импорт корпуса чужой раскладки в папку корпуса: проверить, превратить, записать таблицу.

Звук ложится в `wavs/` по мере готовности, `metadata.csv` — последним: прерванный импорт целым
корпусом не считается, а та же команда продолжает с места остановки.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from tts_framework.components import Layout, Recording
from tts_framework.errors import DataError
from tts_framework.problems import one_line
from tts_framework.speech.corpora import manifest, table
from tts_framework.speech.disk import explained
from tts_framework.speech.importing.convert import Converter
from tts_framework.speech.importing.records import Listed, listed
from tts_framework.speech.results import Results
from tts_framework.speech.segmenting import reading

SECTION = "import"
RESULTS = ".import.jsonl"
USUAL_RATE = 22050
SHOWN = 20


@dataclass(frozen=True)
class ImportRequest:
    """Что и куда импортировать; `rate` None — 22050 Гц или частота записей, если она ниже."""

    source: Path
    out: Path
    rate: int | None = None
    limit: int | None = None
    skip_bad: bool = False
    progress: Callable[[int, int, str], None] = lambda done, total, what: None
    warn: Callable[[str], None] = print


@dataclass(frozen=True)
class Imported:
    """Итог: строки таблицы, частота клипов и частоты записей, метки, негодное, поправленное."""

    rows: Sequence[table.Row]
    rate: int
    source_rates: Counter[int]
    labelled: int
    bad: Sequence[str]
    repaired: Sequence[str]


def import_corpus(layout: Layout, name: str, request: ImportRequest) -> Imported:
    """Импортируй корпус раскладки `name`; повторный вызов делает только недостающее.

    Raises:
        DataError: есть негодные записи (без `skip_bad`), нет ни одной годной или папка занята;
            DiskFull: кончилось место, готовое цело.
    """
    if not request.source.is_dir():
        raise DataError(f"{request.source}: no such folder; give the folder of the corpus")
    found = listed(layout, request.source, request.limit, request.progress)
    _decide(found.bad, len(found.good), request)
    rate = request.rate or _rate(found.good)
    recipe = {
        "layout": name,
        "source": str(request.source.resolve()),
        "options": layout.config.model_dump(mode="json"),
        "rate": rate,
    }
    with _claimed(request.out, recipe), Results(request.out / RESULTS, recipe) as results:
        section = {**recipe, "limit": request.limit, "complete": False}
        manifest.update(request.out, **{SECTION: section})
        problems = Converter(request.out, rate).run(found.good, results, request.progress)
        broken = [
            one_line(f"{record.where}: {problems[record.id]}")
            for record in found.good
            if record.id in problems
        ]
        good = [record for record in found.good if record.id not in problems]
        _decide(broken, len(good), request)
        rows = _rows(request.out, good, results, rate)
        _remove_stale(request.out, {row.id for row in rows}, results)
        table.write(request.out, rows)
        imported = _imported(rows, rate, results, found, broken)
        section |= {"complete": True, "clips": len(rows), "left_out": len(imported.bad)}
        manifest.update(request.out, **{SECTION: section})
    return imported


def _decide(problems: Sequence[str], good: int, request: ImportRequest) -> None:
    """Без `skip_bad` любая проблема останавливает импорт; с ним все перечисляются.

    Raises:
        DataError: продолжать нельзя или не с чем.
    """
    if good and (request.skip_bad or not problems):
        if problems:
            request.warn("\n".join([f"{len(problems)} bad record(s) left out:", *problems]))
        return
    shown = list(problems[:SHOWN])
    if len(problems) > SHOWN:
        shown.append(f"... and {len(problems) - SHOWN} more problems like these")
    advice = "fix the rest or leave them out with --skip-bad" if good else "fix the source"
    raise DataError([*shown, f"{request.source}: {good} record(s) are good; {advice}"])


def _rate(recordings: Sequence[Recording]) -> int:
    """Выбери частоту по первой читаемой записи: выше исходной звук не станет лучше."""
    for recording in recordings:
        try:
            with reading.opened(recording.wav) as sound:
                return min(USUAL_RATE, sound.rate)
        except DataError:
            continue
    return USUAL_RATE


@contextmanager
def _claimed(out: Path, recipe: dict[str, Any]) -> Iterator[None]:
    """Займи папку корпуса.

    Raises:
        DataError: там чужие файлы, другой импорт или работает другой процесс.
    """
    found = manifest.read(out).get(SECTION)
    made = found if isinstance(found, dict) else {}
    changed = [key for key, value in recipe.items() if made.get(key) != value]
    used = out.exists() and (not out.is_dir() or any(not _hidden(path) for path in out.iterdir()))
    if used and not made:
        raise DataError(
            f"{out}: exists and was not made by 'ttsf data import'; choose another --out"
        )
    if used and changed:
        key = changed[0]
        raise DataError(
            f"{out}: was imported with {key} {made.get(key)!r}, not {recipe[key]!r}; choose another"
            " --out or remove this folder"
        )
    try:
        out.mkdir(parents=True, exist_ok=True)
        with FileLock(out / ".lock", timeout=0):
            yield
    except Timeout as error:
        raise DataError(f"{out}: another process is filling this corpus; wait for it") from error
    except OSError as error:
        raise explained(error, out) from error


def _hidden(path: Path) -> bool:
    return path.name.startswith(".")


def _rows(
    out: Path, recordings: Sequence[Recording], results: Results, rate: int
) -> list[table.Row]:
    """Собери строки таблицы; правки человека в прежней остаются, пока текст источника прежний."""
    old = {row.id: row for row in table.read(out)} if (out / table.TABLE).is_file() else {}
    rows = []
    for record in recordings:
        result = results[record.id]
        row = old.get(record.id)
        if result["text"] != record.text:
            results.add(record.id, {**result, "text": record.text})
            row = None
        if row is None:
            row = table.Row(record.id, record.text, 0.0)
        seconds = result["frames"] / rate
        rows.append(
            table.Row(
                row.id, row.text, seconds, record.speaker, record.source, normalized=row.normalized
            )
        )
    return rows


def _remove_stale(out: Path, kept: set[str], results: Results) -> None:
    """Убери сделанное прежним импортом и больше не нужное."""
    for id in set(results.values) - kept:
        table.check_id(id)
        table.wav(out, id).unlink(missing_ok=True)
        (out / "labels" / f"{id}.lab").unlink(missing_ok=True)


def _imported(
    rows: Sequence[table.Row], rate: int, results: Results, found: Listed, broken: Sequence[str]
) -> Imported:
    made = {row.id: results[row.id] for row in rows}
    notes = [f"{id}: {note}" for id, result in made.items() for note in result["notes"]]
    return Imported(
        rows=rows,
        rate=rate,
        source_rates=Counter(result["rate"] for result in made.values()),
        labelled=sum(result["labelled"] for result in made.values()),
        bad=[*found.bad, *broken],
        repaired=[*found.repaired, *notes],
    )
