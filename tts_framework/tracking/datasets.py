"""Версии наборов данных в MLflow: содержимое — в хранилище артефактов, запись — run.

Содержимое лежит в `objects/ab/<sha256>` под местом артефактов эксперимента: оно общее для всех
версий, поэтому не принадлежит ни одному run. Версия — run эксперимента: он создаётся одним запросом
сразу со всеми тегами, поэтому виден целиком или не виден.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlparse

from tts_framework import files
from tts_framework.errors import DataError, TTSFError
from tts_framework.tracking.address import Address
from tts_framework.tracking.server import Rejected, Server, Unavailable

OBJECTS = "objects"
RECORD = "ttsf.dataset.record"
KIND = "ttsf.kind"
_PAUSES = (0.5, 2.0)
_LOCATION = "SELECT artifact_location FROM experiments WHERE name = ?"
_RECORDS = """
    SELECT tags.value FROM tags
    JOIN runs ON runs.run_uuid = tags.run_uuid
    JOIN experiments ON experiments.experiment_id = runs.experiment_id
    WHERE experiments.name = ? AND tags.key = ? AND runs.lifecycle_stage = 'active'
"""
_T = TypeVar("_T")


class DatasetAddress(Address):
    """Адрес, у которого артефакты лежат отдельно от артефактов обучений."""

    @property
    def artifacts(self) -> str | None:
        """Верни место содержимого: рядом с локальной базой."""
        if self.database is None:
            return None
        return (self.database.parent / "datasets").resolve().as_uri()


class DatasetStore(Server):
    """Содержимое и записи одного эксперимента MLflow."""

    def __init__(self, address: Address) -> None:
        super().__init__(address)
        self.where = address.shown

    @cached_property
    def root(self) -> Path | None:
        """Верни папку содержимого, если она на этой машине."""
        parsed = urlparse(self._local_location() or self._location)
        if parsed.scheme not in ("", "file"):
            return None
        return Path(unquote(parsed.path)) / OBJECTS

    @cached_property
    def _location(self) -> str:
        def location() -> str:
            with self._calling() as client:
                return str(client.get_experiment(self._experiment).artifact_location)

        return self._asked(location)

    @cached_property
    def _repository(self) -> Any:
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        return get_artifact_repository(self._location, tracking_uri=self.address.uri)

    # --- содержимое ---------------------------------------------------------------------------

    def missing(self, sizes: Mapping[str, int], workers: int) -> set[str]:
        """Верни sha256, которых нет или чей размер другой."""
        if self.root is not None:
            return {digest for digest, size in sizes.items() if self._size(digest) != size}
        prefixes: dict[str, list[str]] = defaultdict(list)
        for digest in sizes:
            prefixes[digest[:2]].append(digest)

        def listed(prefix: str) -> dict[str, int]:
            found = self._asked(lambda: self._listed(prefix))
            return {os.path.basename(info.path): info.file_size for info in found}

        missing: set[str] = set()
        with ThreadPoolExecutor(workers) as pool:
            for digests, found in zip(prefixes.values(), pool.map(listed, prefixes)):
                missing |= {digest for digest in digests if found.get(digest) != sizes[digest]}
        return missing

    def put(self, digest: str, staged: Path) -> None:
        """Положи содержимое: на этой машине — переименованием, иначе — отправь."""
        if self.root is None:
            self._asked(lambda: self._upload(digest, staged))
            return
        place = self.root / digest[:2] / digest
        place.parent.mkdir(parents=True, exist_ok=True)
        staged.chmod(0o444)
        os.replace(staged, place)

    def get(self, digest: str, path: Path) -> None:
        """Запиши содержимое в новый файл.

        Raises:
            DataError: его нет; TTSFError: сервер не отвечает.
        """
        if self.root is None:
            self._asked(lambda: self._download(digest, path))
            return
        try:
            with open(self.root / digest[:2] / digest, "rb") as source, open(path, "xb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
        except FileNotFoundError as error:
            raise DataError(f"sha256 {digest[:12]} is not in {self.where}") from error

    def _size(self, digest: str) -> int | None:
        assert self.root is not None
        try:
            return os.stat(self.root / digest[:2] / digest).st_size
        except OSError:
            return None

    def _listed(self, prefix: str) -> list[Any]:
        with self._calling():
            try:
                return list(self._repository.list_artifacts(f"{OBJECTS}/{prefix}"))
            except Exception as error:
                if _is_absent(error):
                    return []
                raise

    def _upload(self, digest: str, staged: Path) -> None:
        with self._calling():
            self._repository.log_artifact(str(staged), f"{OBJECTS}/{digest[:2]}")

    def _download(self, digest: str, path: Path) -> None:
        path.unlink(missing_ok=True)
        with self._calling():
            try:
                self._repository._download_file(f"{OBJECTS}/{digest[:2]}/{digest}", str(path))
            except Exception as error:
                path.unlink(missing_ok=True)
                if _is_absent(error):
                    raise _Absent(digest) from error
                raise

    # --- записи -------------------------------------------------------------------------------

    def publish(self, record: bytes) -> None:
        """Создай run версии; повтор после сбоя создаст такой же, читатели видят одну версию."""
        values = json.loads(record)
        tags = {
            KIND: "dataset",
            RECORD: record.decode(),
            "ttsf.dataset": values["name"],
            "ttsf.dataset.version": values["id"],
            "mlflow.note.content": values["message"],
        }
        name = f"{values['name']} {values['id'][:12]}"
        counts = {key: values[key] for key in ("files", "clips", "size", "seconds")}

        def create() -> None:
            with self._calling() as client:
                run = client.create_run(self._experiment, tags=tags, run_name=name)
            run_id = str(run.info.run_id)
            self.log(run_id, params=counts)
            self.set_status(run_id, "FINISHED")

        self._asked(create)

    def records(self) -> list[bytes]:
        """Верни записи всех версий."""

        local = self._queried(_RECORDS, (self.address.experiment, RECORD))
        if local is not None:
            return [str(value).encode() for (value,) in local]

        def search() -> list[bytes]:
            found: list[bytes] = []
            token: str | None = None
            with self._calling() as client:
                while True:
                    page = client.search_runs(
                        [self._experiment],
                        f"tags.`{KIND}` = 'dataset'",
                        max_results=1000,
                        page_token=token,
                    )
                    found += [run.data.tags.get(RECORD, "").encode() for run in page]
                    token = page.token
                    if not token:
                        return found

        return self._asked(search)

    # --- локальная база ------------------------------------------------------------------------

    def _local_location(self) -> str | None:
        found = self._queried(_LOCATION, (self.address.experiment,))
        return str(found[0][0]) if found else None

    def _queried(self, query: str, values: tuple[str, ...]) -> list[tuple[Any, ...]] | None:
        """Прочитай локальную базу напрямую; None — спросить у MLflow.

        Импорт `mlflow` дольше всей остальной работы, а читать базу можно и без него.
        """
        database = self.address.database
        if database is None:
            return None
        if not database.exists():
            return []
        try:
            with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as db:
                return db.execute(query, values).fetchall()
        except sqlite3.Error:
            return None

    def _asked(self, call: Callable[[], _T]) -> _T:
        """Выполни вызов; короткий перебой переживи, о долгом скажи.

        Raises:
            TTSFError: сервер не отвечает или отказал.
        """
        for pause in (*_PAUSES, None):
            try:
                return call()
            except Rejected as error:
                raise TTSFError(f"mlflow: {self.where} refused: {error}") from error
            except Unavailable as error:
                cause = error.__cause__
                if isinstance(cause, _Absent):
                    raise DataError(f"sha256 {cause} is not in {self.where}") from error
                if files.is_full(cause) and isinstance(cause, OSError):
                    raise cause from error
                if pause is None:
                    raise TTSFError(
                        f"mlflow: {self.where} does not answer: {error}; what is done is kept,"
                        " run the same command again to continue"
                    ) from error
                time.sleep(pause)
        raise AssertionError


class _Absent(Exception):
    """Такого содержимого на сервере нет."""

    def __str__(self) -> str:
        return str(self.args[0])[:12]


def _is_absent(error: BaseException | None) -> bool:
    while error is not None:
        response = getattr(error, "response", None)
        status = getattr(response, "status_code", None)
        if status == 404 or isinstance(error, FileNotFoundError):
            return True
        if getattr(error, "error_code", "") == "RESOURCE_DOES_NOT_EXIST":
            return True
        error = error.__cause__
    return False


def staging(root: Path | None) -> Path:
    """Назови папку снимков: рядом с содержимым, если оно на этой машине."""
    return root / ".incoming" if root is not None else Path(tempfile.gettempdir())
