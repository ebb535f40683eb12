"""Возврат версии в папку: каждый файл сверен и появляется целиком, отметка — последней."""

from __future__ import annotations

import hashlib
import os
import stat as modes
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tts_framework import files
from tts_framework.components import Versions
from tts_framework.errors import DataError
from tts_framework.folder_lock import OWNER, held
from tts_framework.speech.corpora.manifest import MANIFEST
from tts_framework.speech.disk import explained
from tts_framework.speech.versions import contents, marks, reading
from tts_framework.speech.versions.contents import Found, shown
from tts_framework.speech.versions.digests import Digests, Progress, stat
from tts_framework.speech.versions.manifest import File, Manifest, parse
from tts_framework.speech.versions.records import Record
from tts_framework.speech.versions.snapshot import corpus_sections

SHOWN = 10
_TEMPORARY = ".ttsf-checkout-"


@dataclass
class CheckedOut:
    """Итог: сколько файлов записано и байт в них, сколько убрано, что осталось сверх версии."""

    written: int = 0
    written_bytes: int = 0
    removed: int = 0
    kept: list[str] = field(default_factory=list)


def checkout(
    store: Versions,
    record: Record,
    out: Path,
    *,
    use: str = marks.DEFAULT,
    force: bool = False,
    progress: Progress = lambda done, total, what: None,
) -> CheckedOut:
    """Приведи папку к версии; прерванное продолжает та же команда.

    Файлы прежней версии папки заменяются и убираются, правки пользователя — только с `force`,
    посторонние файлы остаются.

    Raises:
        DataError: в папке есть правки, содержимое в хранилище испорчено (названы файлы; они не
            записаны, остальные записаны); DiskFull: кончилось место.
    """
    manifest = reading.manifest(store, record)
    with _held(out):
        with Digests(out) as digests:
            _tidy(out)
            target = _Target(out, digests, manifest)
            target.survey(progress)
            if not force:
                target.refuse_changes()
            files.write_bytes(out / marks.COMING, manifest.content)
            result = CheckedOut(removed=target.remove_stale(), kept=target.kept)
            _fill(store, record, target, result, progress)
        _finish(store, record, out, manifest, use, result)
    return result


class _Target:
    """Папка назначения: что в ней есть, что из этого — наше, чего не хватает."""

    def __init__(self, out: Path, digests: Digests, manifest: Manifest) -> None:
        self.out, self.digests, self.manifest = out, digests, manifest
        self.kept: list[str] = []
        self.wanted: dict[str, File] = {}
        self._present: Mapping[str, str] = {}
        self._changed: list[str] = []
        self._stale: list[str] = []

    def survey(self, progress: Progress) -> None:
        """Сравни папку с версией и с теми версиями, которые в неё возвращали."""
        found, _ = contents.scan(self.out)
        self._present = self.digests.of((f for f in found if f.path != MANIFEST), progress)
        earlier = _earlier(self.out)
        rest = {p: f for p, f in self.manifest.files.items() if p != MANIFEST}
        for path, file in rest.items():
            digest = self._present.get(path)
            if digest != file.sha256:
                self.wanted[path] = file
                if digest is not None and not _is_ours(path, digest, earlier):
                    self._changed.append(path)
        for path, digest in self._present.items():
            if path not in rest:
                ours = _is_ours(path, digest, earlier)
                (self._stale if ours else self.kept).append(path)
        self._survey_sections(earlier)

    def _survey_sections(self, earlier: list[Manifest]) -> None:
        """Сверь corpus.json отдельно: в папке в нём есть ещё и отметка."""
        content = corpus_sections(self.out)
        if content is None:
            return
        digest = _sha256(content)
        file = self.manifest.files.get(MANIFEST)
        if (file is None or file.sha256 != digest) and not _is_ours(MANIFEST, digest, earlier):
            self._changed.append(MANIFEST)

    def refuse_changes(self) -> None:
        """Откажись затирать то, чего нет ни в одной из версий этой папки."""
        if not self._changed:
            return
        named = ", ".join(map(shown, self._changed[:SHOWN]))
        more = len(self._changed) - SHOWN
        raise DataError(
            f"{self.out}: {len(self._changed)} file(s) have changes that are in no version:"
            f" {named}{f' and {more} more' if more > 0 else ''}; save them"
            " ('ttsf data version save'), choose another --out or overwrite them with --force"
        )

    def remove_stale(self) -> int:
        """Убери файлы прежней версии, которых в этой нет."""
        for path in self._stale:
            (self.out / path).unlink(missing_ok=True)
        return len(self._stale)


def _is_ours(path: str, digest: str, earlier: list[Manifest]) -> bool:
    return any((file := m.files.get(path)) and file.sha256 == digest for m in earlier)


def _earlier(out: Path) -> list[Manifest]:
    """Верни описания версий, файлы которых могут лежать в папке без правок."""
    found: list[Manifest] = []
    mark = marks.read(out)
    if mark is not None and (manifest := marks.manifest(out, mark.id)) is not None:
        found.append(manifest)
    try:
        coming = (out / marks.COMING).read_bytes()
        found.append(parse(coming, _sha256(coming)))
    except (OSError, DataError):
        pass
    return found


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _fill(
    store: Versions, record: Record, target: _Target, result: CheckedOut, progress: Progress
) -> None:
    """Запиши недостающие файлы: сначала звук и метки, потом списки, по которым учат."""
    order = sorted(target.wanted.items(), key=lambda item: ("/" not in item[0], item[0]))
    total = sum(file.size for _, file in order)
    numbers = count()
    problems: list[str] = []
    written: dict[str, Found | None] = {}

    def write(path: str, file: File) -> tuple[str, File]:
        place = _place(target.out, path)
        temporary = place.with_name(f"{_TEMPORARY}{os.getpid()}-{next(numbers)}.tmp")
        reading.content(store, file, temporary, path, record)
        try:
            os.replace(temporary, place)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise DataError(
                f"{target.out / shown(path)}: cannot be written ({error.strerror}); move it away"
            ) from error
        return path, file

    for batch in _batches(order):
        if problems:
            break  # списки без их клипов не нужны
        with ThreadPoolExecutor(store.workers) as pool:
            jobs = [pool.submit(write, path, file) for path, file in batch]
            try:
                for job in as_completed(jobs):
                    try:
                        path, file = job.result()
                    except DataError as error:
                        problems += error.problems
                        continue
                    written[path] = stat(target.out, path)
                    result.written += 1
                    result.written_bytes += file.size
                    progress(result.written_bytes, total, "write")
            finally:
                pool.shutdown(cancel_futures=True)
    for path, found in written.items():  # к этому мигу часы ушли вперёд: правка была бы видна
        if found is not None and found == stat(target.out, path):
            target.digests.remember(found, target.wanted[path].sha256, time.time_ns())
    if problems:
        raise DataError([*sorted(problems)[:SHOWN], *_unsaid(problems)])


def _unsaid(problems: list[str]) -> list[str]:
    more = len(problems) - SHOWN
    return [f"... and {more} more files like these"] if more > 0 else []


def _batches(order: list[tuple[str, File]]) -> Iterator[list[tuple[str, File]]]:
    yield [(path, file) for path, file in order if "/" in path]
    yield [(path, file) for path, file in order if "/" not in path]


def _place(out: Path, path: str) -> Path:
    """Верни место файла, создав папки; через ссылку наружу не пройдёт."""
    place = out
    for part in path.split("/")[:-1]:
        place = place / part
        try:
            place.mkdir(exist_ok=True)
            if not modes.S_ISDIR(place.lstat().st_mode):
                raise DataError(f"{place}: is a symbolic link; move it away")
        except OSError as error:
            raise explained(error, place) from error
    return place / path.rpartition("/")[2]


def _finish(
    store: Versions,
    record: Record,
    out: Path,
    manifest: Manifest,
    use: str,
    result: CheckedOut,
) -> None:
    """Запиши corpus.json и отметку: с этого мига папка — эта версия."""
    file = manifest.files.get(MANIFEST)
    if file is not None:
        place = out / MANIFEST
        temporary = out / f"{_TEMPORARY}{os.getpid()}-corpus.tmp"
        reading.content(store, file, temporary, MANIFEST, record)
        os.replace(temporary, place)
        result.written += 1
        result.written_bytes += file.size
    else:
        (out / MANIFEST).unlink(missing_ok=True)
    marks.write(out, record, manifest.content, use)
    (out / marks.COMING).unlink(missing_ok=True)


def _tidy(out: Path) -> None:
    """Убери временные файлы убитых процессов."""
    for folder, _, names in os.walk(out):
        for name in names:
            if name.startswith(_TEMPORARY):
                Path(folder, name).unlink(missing_ok=True)
    for name in (marks.CURRENT, marks.COMING, MANIFEST, OWNER):
        for left in out.glob(f".{name}.*.tmp"):  # так зовёт недописанное files.replacing
            left.unlink(missing_ok=True)


@contextmanager
def _held(out: Path) -> Iterator[None]:
    """Займи папку: тем же замком её занимает `ttsf data get`."""
    try:
        with held(out, "choose another --out"):
            yield
    except OSError as error:
        raise explained(error, out) from error
