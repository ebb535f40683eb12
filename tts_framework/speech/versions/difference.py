"""Чем одна версия отличается от другой: клипы, тексты, секунды."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tts_framework.components import Versions
from tts_framework.errors import DataError
from tts_framework.speech.corpora import table
from tts_framework.speech.corpora.table import Row
from tts_framework.speech.versions import marks, reading, snapshot
from tts_framework.speech.versions.digests import Progress
from tts_framework.speech.versions.manifest import Manifest
from tts_framework.speech.versions.records import Record

FIELDS = ("text", "normalized", "speaker", "source")


@dataclass(frozen=True)
class Side:
    """Одна из сравниваемых версий; `rows` — её таблица по id, пусто — таблицы нет."""

    title: str
    manifest: Manifest
    rows: Mapping[str, Row]

    @property
    def totals(self) -> dict[str, Any]:
        """Верни число клипов, секунд и байт."""
        seconds = round(sum(row.seconds for row in self.rows.values()), 3)
        return {"clips": self.manifest.clips, "seconds": seconds, "size": self.manifest.size}

    @property
    def clips(self) -> set[str]:
        """Верни id клипов: из таблицы и по звуковым файлам."""
        return {*self.rows, *(clip for path in self.manifest.files if (clip := _clip(path)))}


@dataclass(frozen=True)
class ChangedClip:
    """Изменившийся клип: что со звуком (`added`, `removed`, `changed` или пусто), менялись ли метки
    и поля таблицы — было и стало.
    """

    id: str
    audio: str
    labels: bool
    fields: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Difference:
    """Разница: id клипов по видам и пути прочих файлов."""

    old: Mapping[str, Any]
    new: Mapping[str, Any]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[ChangedClip, ...]
    files: marks.Drift

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.files)

    def to_dict(self) -> dict[str, Any]:
        """Верни разницу как JSON-типы."""
        return asdict(self)


def on_disk(folder: Path, progress: Progress) -> Side:
    """Опиши файлы папки."""
    return Side(str(folder), snapshot.take(folder, progress).manifest, _rows(folder))


def stored(store: Versions, record: Record) -> Side:
    """Опиши сохранённую версию; из содержимого читается только таблица.

    Raises:
        DataError: описание или таблица испорчены.
    """
    manifest = reading.manifest(store, record)
    file = manifest.files.get(table.TABLE)
    with tempfile.TemporaryDirectory(prefix="ttsf-version-") as name:
        folder = Path(name)
        if file is not None:
            reading.content(store, file, folder / table.TABLE, table.TABLE, record)
        return Side(f"{record.name} {record.short}", manifest, _rows(folder))


def _rows(folder: Path) -> Mapping[str, Row]:
    try:
        return {row.id: row for row in table.read(folder)}
    except DataError:  # таблица другого образца: останутся файлы
        return {}


def compare(old: Side, new: Side) -> Difference:
    """Сравни две версии."""
    both = sorted(old.clips & new.clips)
    drift = marks.between(old.manifest, new.manifest)
    changed_labels = _labels(old, new, drift)
    changed = [_changed(id, old, new, id in changed_labels) for id in both]
    return Difference(
        {"title": old.title, **old.totals},
        {"title": new.title, **new.totals},
        tuple(sorted(new.clips - old.clips)),
        tuple(sorted(old.clips - new.clips)),
        tuple(clip for clip in changed if clip is not None),
        _others(drift),
    )


_WHAT = {(True, False): "added", (False, True): "removed"}


def _changed(id: str, old: Side, new: Side, labels: bool) -> ChangedClip | None:
    path = f"wavs/{id}.wav"
    wavs = (old.manifest.files.get(path), new.manifest.files.get(path))
    audio = "" if wavs[0] == wavs[1] else _WHAT.get((wavs[0] is None, wavs[1] is None), "changed")
    before, after = (side.rows.get(id) or Row(id, "", 0.0) for side in (old, new))
    fields = {
        name: (getattr(before, name), getattr(after, name))
        for name in FIELDS
        if getattr(before, name) != getattr(after, name)
    }
    return ChangedClip(id, audio, labels, fields) if audio or labels or fields else None


def _clip(path: str) -> str | None:
    inside, _, name = path.partition("/")
    return name.removesuffix(".wav") if inside == "wavs" and name.endswith(".wav") else None


def _labels(old: Side, new: Side, drift: marks.Drift) -> set[str]:
    """Верни id клипов, чьи метки появились, пропали или изменились."""
    paths = {*drift.added, *drift.removed, *drift.changed}
    names = (path.removeprefix("labels/") for path in paths if path.startswith("labels/"))
    return {name.rpartition(".")[0] or name for name in names}


def _others(drift: marks.Drift) -> marks.Drift:
    """Оставь файлы, которые не относятся к одному клипу."""

    def own(path: str) -> bool:
        return _clip(path) is None and not path.startswith("labels/")

    kinds: list[tuple[str, ...]] = [
        tuple(filter(own, paths)) for paths in (drift.added, drift.removed, drift.changed)
    ]
    return marks.Drift(*kinds)
