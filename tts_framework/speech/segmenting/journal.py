"""Журнал нарезки: какая запись готова и какие клипы она дала.

Клипы записи лежат в своей папке внутри `.segment/`, пока строка журнала, назвав эту папку, не
объявит запись готовой, и лишь затем переезжают в `wavs/`. Убить процесс можно между любыми двумя
действиями: `settle` доводит начатое до конца, а папки, не названные в журнале, убирает.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from tts_framework.errors import DataError
from tts_framework.files import sha256
from tts_framework.speech.corpora import table
from tts_framework.speech.disk import explained
from tts_framework.speech.results import Results
from tts_framework.speech.segmenting.one import stamp

FOLDER = ".segment"
FORMAT = 1
WAV_HEADER = 44


class Journal:
    """Готовые записи корпуса; открывает его `opened`."""

    def __init__(self, out: Path, results: Results, recipe: Mapping[str, Any]) -> None:
        self._out = out
        self._results = results
        self._recipe = dict(recipe)

    def __contains__(self, name: str) -> bool:
        return name in self._results

    @property
    def records(self) -> dict[str, dict[str, Any]]:
        """Верни готовые записи: имя -> запись журнала."""
        return {name: value for name, value in self._results.values.items() if value["clips"]}

    @property
    def slugs(self) -> dict[str, str]:
        """Верни начала id, данные записям когда-либо."""
        return {name: value["slug"] for name, value in self._results.values.items()}

    def new_folder(self, slug: str) -> Path:
        """Назови новую рабочую папку записи; у каждой попытки она своя."""
        return self._out / FOLDER / f"{slug}.{uuid.uuid4().hex[:8]}"

    def is_done(self, name: str, path: Path, wanted: set[str] | None) -> bool:
        """Скажи, готова ли запись: тот же файл, те же настройки, клипы на месте.

        `wanted` — id, которые ещё нужны (прочие убрал человек); None — нужны все.
        """
        record = self._results.values.get(name)
        if not record or not record["clips"] or record["recipe"] != self._recipe:
            return False
        return _same_file(path, record["stamp"]) and all(
            self._is_whole(clip)
            for clip in record["clips"]
            if wanted is None or clip["id"] in wanted
        )

    def commit(self, name: str, record: Mapping[str, Any]) -> None:
        """Объяви запись готовой и перенеси её клипы в `wavs/`."""
        old = self._results.values.get(name, {"clips": [], "dropped": []})
        fresh = {clip["id"] for clip in record["clips"]}
        dropped = {clip["id"] for clip in old["clips"]} | set(old["dropped"])
        value = {**record, "recipe": self._recipe, "dropped": sorted(dropped - fresh)}
        self._results.add(name, value)
        self._settle_one(value)

    def forget(self, name: str) -> None:
        """Убери клипы записи, которой больше нет среди сырых."""
        old = self._results.values[name]
        dropped = sorted({clip["id"] for clip in old["clips"]} | set(old["dropped"]))
        value = {"slug": old["slug"], "folder": "", "clips": [], "dropped": dropped}
        self._results.add(name, value)
        self._settle_one(value)

    def settle(self) -> None:
        """Доведи до конца переносы и удаления, прерванные в прошлый раз."""
        for value in self._results.values.values():
            self._settle_one(value)
        known = {value["folder"] for value in self._results.values.values()}
        for folder in (self._out / FOLDER).iterdir():
            if folder.is_dir() and folder.name not in known:
                shutil.rmtree(folder)

    def _settle_one(self, value: Mapping[str, Any]) -> None:
        folder = self._out / FOLDER / value["folder"]
        try:
            for id in value["dropped"]:
                table.wav(self._out, id).unlink(missing_ok=True)
            if value["folder"] and folder.is_dir():
                ids = {clip["id"] for clip in value["clips"]}
                for clip in folder.iterdir():
                    if clip.stem in ids:
                        os.replace(clip, self._out / "wavs" / clip.name)
                shutil.rmtree(folder)
        except OSError as error:
            raise explained(error, folder) from error

    def _is_whole(self, clip: Mapping[str, Any]) -> bool:
        path = table.wav(self._out, clip["id"])
        try:
            return path.stat().st_size == WAV_HEADER + 2 * clip["frames"]
        except OSError:
            return False


@contextmanager
def opened(out: Path, recipe: Mapping[str, Any]) -> Iterator[Journal]:
    """Займи папку корпуса и открой её журнал.

    Raises:
        DataError: папку держит другой процесс или в неё нельзя писать.
    """
    folder = out / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "lock")
        lock.acquire(timeout=0)
    except Timeout as error:
        raise DataError(
            f"{out}: another process is segmenting into it; wait for it to end"
        ) from error
    except OSError as error:
        raise explained(error, folder) from error
    try:
        with Results(folder / "journal.jsonl", {"format": FORMAT}) as results:
            yield Journal(out, results, recipe)
    finally:
        lock.release()


def _same_file(path: Path, known: Mapping[str, Any]) -> bool:
    """Сравни файл с прежним: размер, время, а при другом времени — содержимое."""
    found = stamp(path)
    if found["size"] != known["size"]:
        return False
    return found["mtime_ns"] == known["mtime_ns"] or sha256(path) == known["sha256"]
