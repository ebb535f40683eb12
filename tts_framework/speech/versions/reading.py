"""Чтение содержимого версии из хранилища: ничего непроверенного наружу не выходит."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tts_framework.components import Versions
from tts_framework.errors import DataError
from tts_framework.speech.disk import explained
from tts_framework.speech.versions import digests
from tts_framework.speech.versions.contents import shown
from tts_framework.speech.versions.manifest import MAX_BYTES, RESTORE, File, Manifest, parse
from tts_framework.speech.versions.records import Record


def manifest(store: Versions, record: Record) -> Manifest:
    """Прочитай описание версии.

    Raises:
        DataError: его нет, оно испорчено, слишком велико или называет чужие пути.
    """
    if record.manifest_bytes > MAX_BYTES:
        raise DataError(
            f"version {record.short}: its manifest has {record.manifest_bytes} bytes, over"
            f" {MAX_BYTES}; the store is damaged, save the version again"
        )
    store.open(record.id)
    with tempfile.TemporaryDirectory(prefix="ttsf-version-") as folder:
        file = File(record.id, record.manifest_bytes)
        path = content(store, file, Path(folder) / "manifest", "its manifest", record)
        return parse(path.read_bytes(), record.id)


def content(store: Versions, file: File, target: Path, path: str, record: Record) -> Path:
    """Запиши содержимое в новый файл `target`; неверное удаляется и называется.

    Raises:
        DataError: содержимого нет или его sha256 не тот; DiskFull: кончилось место.
    """
    try:
        try:
            store.get(file.sha256, target)
        except DataError as error:
            raise DataError(f"version {record.short}: {shown(path)}: {error}; {RESTORE}") from error
        if digests.copy(target, None) != tuple(file):
            raise DataError(
                f"version {record.short}: {shown(path)}: its content in the store is damaged"
                f" (sha256 is not {file.sha256[:12]}); {RESTORE}"
            )
        _sync(target)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise explained(error, target) from error
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return target


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
