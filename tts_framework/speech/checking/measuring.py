"""Измерения всех клипов: параллельно, с кэшем на диске; прерванное продолжается."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, get_type_hints

from tts_framework.speech.checking.files import Identity, Trouble, find
from tts_framework.speech.checking.measures import VERSION, Measures, measure
from tts_framework.speech.corpora import table
from tts_framework.speech.results import Results

Progress = Callable[[int, int, str], None]
Sound = Measures | Trouble
WINDOW = 2000
"""Столько клипов стоит в очереди: она не растёт с корпусом."""
_TYPES = get_type_hints(Measures)


def measure_all(
    folder: Path, ids: Sequence[str], cache: Path, progress: Progress, workers: int | None = None
) -> list[Sound]:
    """Верни измерения клипов в порядке `ids`; вычисляются только новые и изменившиеся.

    Raises:
        DiskFull: кончилось место под кэш; измеренное раньше цело.
    """
    root = folder.resolve()
    found: dict[str, Sound] = {}
    waiting: dict[str, Identity] = {}
    with Results(cache / "measures.jsonl", {"measures": VERSION}) as results:
        for id in ids:
            place = find(folder, id, root)
            if isinstance(place, Trouble):
                found[id] = place
                continue
            known = _restored(results.values.pop(id, None), place)
            if known is None:
                waiting[id] = place
            else:
                found[id] = known
        results.values.clear()
        _measure(folder, waiting, found, results, progress, workers)
    return [found[id] for id in ids]


def _measure(
    folder: Path,
    waiting: dict[str, Identity],
    found: dict[str, Sound],
    results: Results,
    progress: Progress,
    workers: int | None,
) -> None:
    names = list(waiting)
    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        try:
            for start in range(0, len(names), WINDOW):
                window = names[start : start + WINDOW]
                jobs = {pool.submit(measure, table.wav(folder, id)): id for id in window}
                for done, job in enumerate(as_completed(jobs), start=start + 1):
                    id = jobs[job]
                    found[id] = job.result()
                    results.add(id, _stored(found[id], waiting[id]))
                    progress(done, len(names), "measure")
                results.values.clear()
        finally:
            pool.shutdown(cancel_futures=True)


def _stored(sound: Sound, identity: Identity) -> dict[str, Any]:
    return {"file": [identity.size, identity.mtime_ns], type(sound).__name__: asdict(sound)}


def _restored(value: Any, identity: Identity) -> Sound | None:
    """Верни прежнее измерение того же файла; записи кэша не верят на слово."""
    if not isinstance(value, dict) or value.get("file") != [identity.size, identity.mtime_ns]:
        return None
    try:
        if "Trouble" in value:
            return Trouble(str(value["Trouble"]["kind"]), str(value["Trouble"]["reason"]))
        sound = Measures(**value["Measures"])
    except (KeyError, TypeError):
        return None
    typed = all(_fits(getattr(sound, field.name), field.name) for field in fields(Measures))
    return sound if typed and sound.rate > 0 else None


def _fits(value: Any, name: str) -> bool:
    expected = _TYPES[name]
    if expected is float:
        return isinstance(value, int | float)
    return isinstance(value, expected)
