"""sha256 файлов корпуса: неизменившийся файл второй раз не читается."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tts_framework.errors import DataError
from tts_framework.speech.disk import explained
from tts_framework.speech.results import Results
from tts_framework.speech.versions.contents import Found, as_found, shown

NAME = ".version-digests.jsonl"
Progress = Callable[[int, int, str], None]
_RECIPE = {"format": 1}
_BLOCK = 1 << 20
_TICK_NS, _COARSE_TICK_NS = 20_000_000, 2_000_000_000


class Digests:
    """Память «размер, время, inode -> sha256» в скрытом файле корпуса; она переживает kill -9.

    Если в корпус писать нельзя, память лежит в папке кэша пользователя.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self._results = Results(folder / NAME, _RECIPE)
        except DataError:
            self._results = Results(_elsewhere(folder), _RECIPE)

    def __enter__(self) -> Digests:
        return self

    def __exit__(self, *error: object) -> None:
        self._results.close()

    def known(self, file: Found) -> str | None:
        """Верни sha256, если с тех пор файл наверняка не менялся."""
        match self._results.values.get(file.path):
            case [size, mtime_ns, ctime_ns, inode, at_ns, str(digest)]:
                seen = (size, mtime_ns, ctime_ns, inode)
                if seen == (file.size, file.mtime_ns, file.ctime_ns, file.inode):
                    return digest if _settled(file.mtime_ns, at_ns) else None
        return None

    def remember(self, file: Found, digest: str, at_ns: int) -> None:
        """Запомни sha256, вычисленный не раньше `at_ns`."""
        times = (file.mtime_ns, file.ctime_ns)
        self._results.add(file.path, [file.size, *times, file.inode, at_ns, digest])

    def of(self, files: Iterable[Found], progress: Progress) -> Mapping[str, str]:
        """Верни sha256 файлов по их путям; читаются только новые и изменившиеся.

        Raises:
            DataError: файл не читается или изменился, пока его читали.
        """
        digests: dict[str, str] = {}
        unknown: list[Found] = []
        for file in files:
            digest = self.known(file)
            if digest is None:
                unknown.append(file)
            else:
                digests[file.path] = digest
        total, done = sum(file.size for file in unknown), 0
        with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
            jobs = {pool.submit(_read, self.folder, file): file for file in unknown}
            try:
                for job in as_completed(jobs):
                    file = jobs[job]
                    at_ns, digests[file.path] = job.result()
                    self.remember(file, digests[file.path], at_ns)
                    done += file.size
                    progress(done, total, "hash")
            finally:
                pool.shutdown(cancel_futures=True)
        return digests


def _settled(mtime_ns: int, at_ns: int) -> bool:
    """Скажи, изменила бы правка после `at_ns` время файла: не тот ли это тик часов."""
    coarse = mtime_ns % 1_000_000_000 == 0
    return at_ns - mtime_ns > (_COARSE_TICK_NS if coarse else _TICK_NS)


def _read(folder: Path, file: Found) -> tuple[int, str]:
    at_ns, (digest, _) = time.time_ns(), copy(folder / file.path, None)
    if stat(folder, file.path) != file:
        raise changed(folder, file.path)
    return at_ns, digest


def stat(folder: Path, path: str) -> Found | None:
    """Опиши файл сейчас; None — его нет."""
    try:
        return as_found(path, os.stat(folder / path, follow_symlinks=False))
    except OSError:
        return None


def changed(folder: Path, path: str) -> DataError:
    """Скажи, что файл изменился посреди работы."""
    return DataError(
        f"{folder / shown(path)}: changed while it was being read; run again when nothing writes"
        " to the corpus"
    )


def copy(source: Path, target: Path | None) -> tuple[str, int]:
    """Прочитай файл (не ссылку) и верни sha256 и размер; с `target` — ещё и скопируй, с fsync.

    Raises:
        DataError: не читается или не пишется; DiskFull: кончилось место.
    """
    digest, size = hashlib.sha256(), 0
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise DataError(
            f"{shown(str(source))}: cannot be read ({error.strerror}); check the file"
        ) from error
    with open(descriptor, "rb", buffering=0) as file:
        try:
            out = open(target, "xb", buffering=0) if target is not None else None
            try:
                while block := file.read(_BLOCK):
                    digest.update(block)
                    size += len(block)
                    if out is not None:
                        _write(out.fileno(), block)
                if out is not None:
                    os.fsync(out.fileno())
            finally:
                if out is not None:
                    out.close()
        except OSError as error:
            raise explained(error, target or source) from error
    return digest.hexdigest(), size


def _write(descriptor: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(descriptor, view) :]


def _elsewhere(folder: Path) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    name = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:32]
    return cache / "ttsf" / "versions" / f"{name}.jsonl"
