"""Снимок папки корпуса: её файлы как версия."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tts_framework.errors import DataError
from tts_framework.speech.corpora import table
from tts_framework.speech.corpora.manifest import MANIFEST
from tts_framework.speech.versions import contents
from tts_framework.speech.versions.contents import Found
from tts_framework.speech.versions.digests import Digests, Progress
from tts_framework.speech.versions.manifest import File, Manifest


@dataclass(frozen=True)
class Snapshot:
    """Версия на диске: `found` — те же файлы со временем правки, `left_out` — не вошедшие."""

    manifest: Manifest
    found: tuple[Found, ...]
    left_out: tuple[str, ...]


def take(folder: Path, progress: Progress = lambda done, total, what: None) -> Snapshot:
    """Опиши то, что сейчас лежит в папке.

    Raises:
        DataError: это не корпус, в нём ссылки, списки ведут наружу или файл меняется.
    """
    found, left_out = contents.scan(folder)
    names = {file.path for file in found}
    if table.TABLE not in names and not any(path.startswith("wavs/") for path in names):
        raise DataError(f"{folder}: has neither {table.TABLE} nor wavs/; name a corpus folder")
    contents.check_lists(folder)
    with Digests(folder) as digests:
        known = digests.of((file for file in found if file.path != MANIFEST), progress)
    files = {file.path: File(known[file.path], file.size) for file in found if file.path in known}
    sections = corpus_sections(folder)
    if sections is not None:
        files[MANIFEST] = File(hashlib.sha256(sections).hexdigest(), len(sections))
    return Snapshot(Manifest(files, frontend(sections)), tuple(found), tuple(left_out))


def corpus_sections(folder: Path) -> bytes | None:
    """Верни corpus.json таким, каким он входит в версию; None — не входит."""
    path = folder / MANIFEST
    if not path.is_file() or path.is_symlink():
        return None
    content = contents.unmarked(path.read_bytes())
    return None if content == contents.EMPTY else content


def frontend(sections: bytes | None) -> Mapping[str, Any]:
    """Верни раздел фронтенда, дополненный sha256 таблицы символов, если она там есть."""
    try:
        section = json.loads(sections or b"{}").get("frontend")
    except (ValueError, AttributeError, RecursionError):
        return {}
    if not isinstance(section, dict):
        return {"use": section} if isinstance(section, str) else {}
    symbols = section.get("symbols")
    if not isinstance(symbols, list | str):
        return section
    digest = hashlib.sha256(json.dumps(symbols).encode()).hexdigest()
    return {**section, "symbols_sha256": digest}


def same(snapshot: Snapshot, folder: Path) -> list[str]:
    """Верни пути, изменившиеся с тех пор; corpus.json сверяется по содержимому."""
    now = {file.path: file for file in contents.scan(folder)[0]}
    before = {file.path: file for file in snapshot.found}
    moved = [path for path in sorted({*now, *before}) if now.get(path) != before.get(path)]
    entry = snapshot.manifest.files.get(MANIFEST)
    content = corpus_sections(folder)
    digest = None if content is None else hashlib.sha256(content).hexdigest()
    kept = digest == (entry.sha256 if entry else None)
    return [path for path in moved if path != MANIFEST or not kept]
