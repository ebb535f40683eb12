"""Сохранение версии: снимок, недостающее содержимое, и последней — запись, с которой она видна."""

from __future__ import annotations

import os
import re
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tts_framework import files
from tts_framework.components import Versions
from tts_framework.errors import DataError, DiskFull, TTSFError
from tts_framework.speech.corpora import table
from tts_framework.speech.corpora.manifest import MANIFEST
from tts_framework.speech.disk import explained
from tts_framework.speech.versions import digests, marks, records, snapshot
from tts_framework.speech.versions.digests import Progress
from tts_framework.speech.versions.manifest import MAX_BYTES, Manifest
from tts_framework.speech.versions.records import Record
from tts_framework.speech.versions.snapshot import Snapshot

_MONTH = 30 * 24 * 3600


@dataclass(frozen=True)
class Saved:
    """Итог: запись версии, была ли она новой, сколько файлов и байт добавлено в хранилище."""

    record: Record
    new: bool
    stored: int
    stored_bytes: int
    left_out: tuple[str, ...]
    marked: bool


def save(
    folder: Path,
    store: Versions,
    *,
    use: str = marks.DEFAULT,
    name: str | None = None,
    message: str = "",
    verify: bool = False,
    progress: Progress = lambda done, total, what: None,
) -> Saved:
    """Сохрани корпус; прерванное сохранение продолжает та же команда.

    `verify` перечитывает содержимое в хранилище и заменяет испорченное.

    Raises:
        DataError: это не корпус, файлы меняются на ходу; DiskFull: кончилось место.
        TTSFError: хранилище недоступно.
    """
    taken = snapshot.take(folder, progress)
    manifest, mark = taken.manifest, marks.read(folder)
    if len(manifest.content) > MAX_BYTES:
        raise DataError(f"{folder}: {len(manifest.files)} files are too many for one version")
    name = name or (mark.name if mark else "") or _name_of(folder)
    draft = _draft(folder, manifest, name, message, mark.id if mark else None)
    known = [record for record in records.read(store)[0] if record.id == manifest.id]
    same = next((record for record in known if record.name == name), None)
    stored: tuple[int, int] = (0, 0)
    if verify or not known:
        stored = _store(folder, taken, store, verify, progress)
    if moved := snapshot.same(taken, folder):
        raise digests.changed(folder, moved[0])
    if same is None:
        store.publish(draft.encode(), manifest.content)
    record = same or draft
    marked = _mark(folder, record, manifest, use, mark)
    return Saved(record, same is None, *stored, taken.left_out, marked)


def _draft(folder: Path, manifest: Manifest, name: str, message: str, parent: str | None) -> Record:
    record = Record(
        id=manifest.id,
        name=name,
        message=message,
        parent=parent if parent != manifest.id else None,
        files=len(manifest.files),
        clips=manifest.clips,
        size=manifest.size,
        seconds=_seconds(folder),
        manifest_bytes=len(manifest.content),
    )
    return records.made(record)


def _name_of(folder: Path) -> str:
    name = re.sub(r"[^\w.\-]+", "_", folder.resolve().name).lstrip(".-")[:100]
    return name or "corpus"


def _seconds(folder: Path) -> float | None:
    try:
        return round(sum(row.seconds for row in table.read(folder)), 3)
    except DataError:
        return None


def _mark(folder: Path, record: Record, manifest: Manifest, use: str, mark: object) -> bool:
    """Отметь версию в папке; версия сохранена и тогда, когда писать в папку нельзя."""
    if mark == marks.Mark(record.id, record.name, use) and marks.manifest(folder, record.id):
        return True
    try:
        return marks.write(folder, record, manifest.content, use)
    except DiskFull:
        raise
    except (OSError, TTSFError):
        return False


def _store(
    folder: Path, taken: Snapshot, store: Versions, verify: bool, progress: Progress
) -> tuple[int, int]:
    """Положи в хранилище недостающее; верни число и размер положенного."""
    manifest = taken.manifest
    sources = {file.sha256: path for path, file in manifest.files.items()}
    sizes = {file.sha256: file.size for file in manifest.files.values()}
    sizes[manifest.id] = len(manifest.content)
    missing = store.missing(sizes)
    with _staging(store.staging()) as stage:
        if verify:
            missing |= _damaged(sizes, missing, store, stage, progress)
        done, total = 0, sum(sizes[digest] for digest in missing)

        def put(digest: str) -> str:
            staged = stage / digest
            _stage(folder, sources.get(digest), manifest, staged)
            if _digest(staged) != (digest, sizes[digest]):
                raise digests.changed(folder, sources.get(digest, ""))
            store.put(digest, staged)
            staged.unlink(missing_ok=True)
            return digest

        with ThreadPoolExecutor(store.workers) as pool:
            jobs = [pool.submit(put, digest) for digest in sorted(missing)]
            try:
                for job in as_completed(jobs):
                    done += sizes[job.result()]
                    progress(done, total, "store")
            finally:
                pool.shutdown(cancel_futures=True)
    return len(missing), total


def _stage(folder: Path, path: str | None, manifest: Manifest, staged: Path) -> None:
    """Сними копию: содержимое под sha256 не должно меняться вместе с файлом корпуса."""
    if path is None or path == MANIFEST:
        content = manifest.content if path is None else snapshot.corpus_sections(folder) or b""
        _write(staged, content)
    else:
        digests.copy(folder / path, staged)


def _write(staged: Path, content: bytes) -> None:
    try:
        with open(staged, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise explained(error, staged) from error


def _digest(staged: Path) -> tuple[str, int]:
    return digests.copy(staged, None)


def _damaged(
    sizes: Mapping[str, int], missing: set[str], store: Versions, stage: Path, progress: Progress
) -> set[str]:
    """Перечитай то, что в хранилище есть; верни sha256 испорченного."""
    present = sorted(sizes.keys() - missing)
    done, total = 0, sum(sizes[digest] for digest in present)

    def whole(digest: str) -> bool:
        copy = stage / f"{digest}.check"
        try:
            store.get(digest, copy)
            return digests.copy(copy, None) == (digest, sizes[digest])
        except DataError:
            return False
        finally:
            copy.unlink(missing_ok=True)

    damaged: set[str] = set()
    with ThreadPoolExecutor(store.workers) as pool:
        for digest, good in zip(present, pool.map(whole, present)):
            damaged |= set() if good else {digest}
            done += sizes[digest]
            progress(done, total, "verify")
    return damaged


@contextmanager
def _staging(parent: Path) -> Iterator[Path]:
    """Дай свою папку для снимков; папки убитых процессов убираются."""
    prefix = f"ttsf-save-{socket.gethostname()}-"
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for old in parent.glob("ttsf-save-*"):
            if _abandoned(old, prefix):
                shutil.rmtree(old, ignore_errors=True)
        stage = Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=parent))
    except OSError as error:
        raise explained(error, parent) from error
    try:
        yield stage
    except OSError as error:
        if files.is_full(error):
            raise explained(error, stage) from error
        raise
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _abandoned(stage: Path, prefix: str) -> bool:
    pid = stage.name.removeprefix(prefix).partition("-")[0]
    if stage.name.startswith(prefix) and pid.isdecimal():
        return not Path(f"/proc/{pid}").exists()
    try:
        return time.time() - stage.stat().st_mtime > _MONTH
    except OSError:
        return False
