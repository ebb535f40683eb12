"""Нарезка папки записей: продолжает прерванное и переделывает только изменившееся."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tts_framework.components import Detector
from tts_framework.errors import DataError
from tts_framework.options import Options
from tts_framework.speech.segmenting import naming, pool, publishing, reading
from tts_framework.speech.segmenting.journal import Journal, opened
from tts_framework.speech.segmenting.one import Job, MakeDetector, Outcome
from tts_framework.speech.segmenting.settings import SegmentSettings
from tts_framework.speech.segmenting.sources import Scan, scan

VERSION = 1
"""Версия способа нарезки: с другой версией записи режутся заново."""
Progress = Callable[[int, int, str], None]


@dataclasses.dataclass(frozen=True)
class Summary:
    """Итог нарезки; времена — в секундах.

    `problems` — по строке на негодную запись; `ready` записей были готовы раньше, `removed`
    пропали из сырых; `short` и `long` клипов вышли за пределы длины, потому что рядом не было
    подходящей паузы; `left_out` секунд не попали в клипы, хотя там слышна речь без пауз.
    """

    sources: int
    clips: int
    seconds: float
    raw_seconds: float
    ready: int
    removed: int
    short: int
    long: int
    left_out: float
    low_rate: int
    others: int
    problems: tuple[str, ...]


def segment(
    raw: Path,
    out: Path,
    settings: SegmentSettings,
    make_detector: MakeDetector,
    progress: Progress,
    workers: int | None = None,
    redo: bool = False,
) -> Summary:
    """Разрежь записи папки `raw` на клипы корпуса `out`; повторный вызов продолжает.

    `make_detector` создаёт детектор для каждой записи (`maker`) и передаётся в рабочие процессы.

    Raises:
        DataError: нет ни одной записи, ни одной годной или `out` — чужой корпус; ConfigError —
        `out` нарезан с другими настройками (`redo` режет заново); DiskFull — кончилось место,
        готовое цело.
    """
    found = scan(raw, out)
    recipe = {"version": VERSION, **_described(make_detector), **settings.model_dump(mode="json")}
    publishing.refuse_foreign(out, recipe, redo)
    with opened(out, recipe) as journal:
        gone = _gone(journal, found, raw, redo)
        publishing.announce(out, recipe)
        journal.settle()
        for name in gone:
            journal.forget(name)
        jobs, ready = _jobs(journal, found, settings, make_detector, out)
        problems = list(found.problems)
        for outcome in _outcomes(jobs, workers or pool.default_workers(), progress):
            problems += _recorded(journal, outcome)
        done = journal.records
        records = {name: done[name] for name in found.names if name in done}
        publishing.publish(out, records, recipe)
        if not records:
            raise DataError(
                [*problems, f"{reading.shown(raw)}: no good recording is left; fix them"]
            )
    return _summary(records, settings, found, ready, len(gone), problems)


def maker(cls: type[Detector], config: Options) -> MakeDetector:
    """Верни создателя детектора, который передаётся через pickle."""
    return functools.partial(cls, config)


def _described(make_detector: MakeDetector) -> dict[str, Any]:
    """Назови детектор и его настройки: с другими клипы были бы другими."""
    if not isinstance(make_detector, functools.partial):
        return {"detector": getattr(make_detector, "__qualname__", repr(make_detector))}
    (config,) = make_detector.args
    return {
        "detector": make_detector.func.__qualname__.lower(),
        "options": config.model_dump(mode="json"),
    }


def _gone(journal: Journal, found: Scan, raw: Path, redo: bool) -> list[str]:
    """Верни исчезнувшие записи; если исчезли все, папка, видимо, не та.

    Raises:
        DataError: ни одной прежней записи в папке нет.
    """
    before = list(journal.records)
    present = set(found.names)
    gone = [name for name in before if name not in present]
    if gone and len(gone) == len(before) and not redo:
        raise DataError(
            f"{reading.shown(raw)}: none of the {len(before)} recordings this corpus was cut from"
            " is here; give the right folder, another --out, or --redo"
        )
    return gone


def _jobs(
    journal: Journal,
    found: Scan,
    settings: SegmentSettings,
    make_detector: MakeDetector,
    out: Path,
) -> tuple[list[Job], int]:
    """Верни записи, которые надо резать, длинные вперёд, и число готовых."""
    slugs = naming.slugs(found.names, journal.slugs)
    wanted = publishing.wanted(out)
    todo = [n for n in found.names if not journal.is_done(n, found.root / n, wanted)]
    jobs = []
    for name in todo:
        folder = journal.new_folder(slugs[name])
        path = found.root / name
        jobs.append(Job(name, path, slugs[name], folder, settings, make_detector))
    return jobs, len(found.names) - len(todo)


def _outcomes(jobs: list[Job], workers: int, progress: Progress) -> Any:
    """Режь записи и показывай ход в секундах звука (каждая читается дважды)."""
    lengths = {job.name: reading.seconds(job.path) for job in jobs}
    jobs = sorted(jobs, key=lambda job: -lengths[job.name])
    total, read = sum(lengths.values()), 0.0

    def moved(seconds: float) -> None:
        nonlocal read
        read += seconds / 2
        progress(min(int(read), int(total)), max(1, int(total)), "segmenting")

    yield from pool.run(jobs, workers, moved)
    progress(max(1, int(total)), max(1, int(total)), "segmenting")


def _recorded(journal: Journal, outcome: Outcome) -> list[str]:
    if outcome.record is not None:
        journal.commit(outcome.name, outcome.record)
    elif outcome.name in journal:
        journal.forget(outcome.name)
    return list(outcome.problems)


def _summary(
    records: dict[str, dict[str, Any]],
    settings: SegmentSettings,
    found: Scan,
    ready: int,
    gone: int,
    problems: list[str],
) -> Summary:
    lengths = [clip["seconds"] for record in records.values() for clip in record["clips"]]
    return Summary(
        sources=len(records),
        clips=len(lengths),
        seconds=sum(lengths),
        raw_seconds=sum(record["seconds"] for record in records.values()),
        ready=ready,
        removed=gone,
        short=sum(length < settings.min_seconds for length in lengths),
        long=sum(length > settings.max_seconds + 0.01 for length in lengths),
        left_out=sum(record["left_out"] for record in records.values()),
        low_rate=sum(record["rate"] < settings.rate for record in records.values()),
        others=found.others,
        problems=tuple(problems),
    )
