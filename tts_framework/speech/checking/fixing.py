"""`--fix`: корпус с безопасными правками в новой папке; прерванное продолжает та же команда.

Папка не готова, пока в `corpus.json` у раздела `fixed` не стоит `complete`: таблица и списки
пишутся последними, поэтому половину за целое не примут.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tts_framework.errors import DataError
from tts_framework.folder_lock import held
from tts_framework.speech import disk
from tts_framework.speech.checking.corpus import Corpus
from tts_framework.speech.checking.files import Identity, find
from tts_framework.speech.checking.fixes import sidecars, sound
from tts_framework.speech.checking.fixes.plan import Plan, plan
from tts_framework.speech.checking.measuring import WINDOW, Progress
from tts_framework.speech.checking.report import Report
from tts_framework.speech.checking.settings import CheckSettings
from tts_framework.speech.corpora import manifest, table
from tts_framework.speech.results import Results

LIST = "fixed.json"
WORK = ".check"
VERSION = 1


@dataclass(frozen=True)
class Fixes:
    """Что сделано: правки и причины по id; `settings` — с чем проверять новую папку."""

    folder: Path
    kept: int
    changed: dict[str, list[str]]
    dropped: dict[str, str]
    notes: dict[str, str]
    bad_lines: list[str]
    settings: CheckSettings

    @property
    def list(self) -> Path:
        """Верни место перечня правок."""
        return self.folder / LIST


def fix(
    report: Report,
    target: Path,
    progress: Progress = lambda done, total, what: None,
    workers: int | None = None,
) -> Fixes:
    """Запиши исправленный корпус в `target`; исходный не меняется.

    Raises:
        DataError: папка занята чужим или лежит внутри корпуса; не осталось ни одного клипа.
        DiskFull: кончилось место; сделанное цело, та же команда продолжит.
    """
    corpus = report.corpus
    _refuse(corpus.folder, target)
    plans, dropped = plan(corpus)
    if not plans:
        raise DataError(f"{corpus.folder}: no clip can be kept; see check.html for the reasons")
    with _writing(target):
        _mark(corpus.folder, target, complete=False)
        sidecars.withdraw(target)
        seconds, notes = _write_clips(corpus, plans, target, progress, workers)
        _remove_old(target, {p.clip.row.id for p in plans})
        fixes = Fixes(
            target,
            len(plans),
            {p.clip.row.id: list(p.actions) for p in plans if p.actions},
            dropped,
            notes,
            [f"{table.TABLE}:{number}: {reason}" for number, reason in corpus.bad_lines],
            corpus.settings.model_copy(update={"rate": corpus.rate}),
        )
        _write_tables(corpus, plans, seconds, fixes)
        _mark(corpus.folder, target, complete=True)
    return fixes


def _refuse(folder: Path, target: Path) -> None:
    source, wanted = folder.resolve(), target.resolve()
    if wanted == source or wanted.is_relative_to(source) or source.is_relative_to(wanted):
        raise DataError(f"--fix {target}: lies inside the corpus or holds it; choose another")
    if not target.exists():
        return
    if not target.is_dir():
        raise DataError(f"--fix {target}: is a file; choose another folder")
    ours = manifest.read(target).get("fixed")
    if isinstance(ours, dict) and ours.get("source") == str(source):
        return
    if any(not entry.name.startswith(".") for entry in target.iterdir()):
        raise DataError(f"--fix {target}: holds other files; choose a new folder")


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        with held(target, "choose another --fix folder"):
            yield
    except OSError as error:
        raise disk.explained(error, target) from error


def _mark(source: Path, target: Path, *, complete: bool) -> None:
    sections: dict[str, Any] = manifest.read(source)
    sections["fixed"] = {"source": str(source.resolve()), "complete": complete}
    sections["complete"] = complete
    manifest.update(target, **sections)


def _write_clips(
    corpus: Corpus, plans: list[Plan], target: Path, progress: Progress, workers: int | None
) -> tuple[dict[str, float], dict[str, str]]:
    """Запиши звук и метки; верни длительности и примечания по id."""
    root, done = target.resolve(), 0
    recipe = {"fix": VERSION, "rate": corpus.rate}
    with (
        Results(target / WORK / "fixed.jsonl", recipe) as results,
        ThreadPoolExecutor(workers or os.cpu_count()) as pool,
    ):
        waiting = [p for p in plans if not _ready(p, results, target, root)]
        try:
            for start in range(0, len(waiting), WINDOW):
                jobs = {
                    pool.submit(_write_one, corpus, p, target): p
                    for p in waiting[start : start + WINDOW]
                }
                for job in as_completed(jobs):
                    seconds, note = job.result()
                    _remember(jobs[job], seconds, note, results, target, root)
                    done += 1
                    progress(done, len(waiting), "fix")
        finally:
            pool.shutdown(cancel_futures=True)
        values = {p.clip.row.id: results[p.clip.row.id] for p in plans}
    seconds_by_id = {id: float(value["seconds"]) for id, value in values.items()}
    return seconds_by_id, {id: value["note"] for id, value in values.items() if value["note"]}


def _write_one(corpus: Corpus, plan: Plan, target: Path) -> tuple[float, str]:
    id = plan.clip.row.id
    label = Path("labels") / f"{id}.lab"
    note = sidecars.carry_label(plan, corpus.folder / label, target / label)
    wav = table.wav(target, id)
    return sound.write(plan, table.wav(corpus.folder, id), wav, corpus.rate), note


def _key(plan: Plan) -> list[Any]:
    """Верни то, от чего зависит готовый файл: отсчёты и правки."""
    return [plan.sound.digest, list(plan.actions), plan.start, plan.end]


def _remember(
    plan: Plan, seconds: float, note: str, results: Results, target: Path, root: Path
) -> None:
    id = plan.clip.row.id
    place = find(target, id, root)
    if not isinstance(place, Identity):
        raise DataError(f"{table.wav(target, id)}: vanished while it was written; run again")
    file = [place.size, place.mtime_ns]
    results.add(id, {"plan": _key(plan), "file": file, "seconds": seconds, "note": note})


def _ready(plan: Plan, results: Results, target: Path, root: Path) -> bool:
    id = plan.clip.row.id
    known = results.values.get(id)
    place = find(target, id, root)
    return (
        isinstance(known, dict)
        and isinstance(place, Identity)
        and known.get("plan") == _key(plan)
        and known.get("file") == [place.size, place.mtime_ns]
    )


def _remove_old(target: Path, kept: set[str]) -> None:
    """Убери звук и метки клипов, которые остались от прежнего запуска и больше не нужны."""
    for folder, suffix in (("wavs", ".wav"), ("labels", ".lab")):
        if (target / folder).is_dir():
            for path in (target / folder).iterdir():
                if path.name.removesuffix(suffix) not in kept:
                    path.unlink()


def _write_tables(
    corpus: Corpus, plans: list[Plan], seconds: dict[str, float], fixes: Fixes
) -> None:
    by_id = {p.clip.row.id: p for p in plans}
    sidecars.carry_papers(corpus.folder, fixes.folder)
    sidecars.carry_journals(corpus, by_id, fixes.folder)
    content = {
        "kept": fixes.kept,
        "changed": fixes.changed,
        "dropped": fixes.dropped,
        "notes": fixes.notes,
        "lines_left_out": fixes.bad_lines,
    }
    text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    disk.write(fixes.list, text.encode("utf-8", "backslashreplace"))
    table.write(fixes.folder, [replace(p.clip.row, seconds=seconds[id]) for id, p in by_id.items()])
    sidecars.carry_lists(corpus, set(by_id), fixes.folder)
