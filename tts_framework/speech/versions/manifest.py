"""Описание версии: путь -> sha256 и размер; id версии — sha256 самого описания."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from tts_framework.errors import DataError
from tts_framework.speech.versions.contents import belongs, shown

FORMAT = 1
MAX_BYTES = 256 << 20
"""Описание длиннее не читается: это около двух миллионов файлов."""

DIGEST = re.compile(r"[0-9a-f]{64}")


class File(NamedTuple):
    """Содержимое одного файла."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """Версия целиком; `frontend` — раздел corpus.json о фронтенде и хэш его таблицы символов.

    Ни времени, ни автора, ни имени здесь нет: одни и те же файлы дают один и тот же id.
    """

    files: Mapping[str, File]
    frontend: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def content(self) -> bytes:
        """Верни канонический JSON; имена не в UTF-8 записаны суррогатами."""
        document = {
            "format": FORMAT,
            "frontend": self.frontend,
            "files": [[path, *file] for path, file in sorted(self.files.items())],
        }
        return json.dumps(document, sort_keys=True, separators=(",", ":")).encode("ascii")

    @cached_property
    def id(self) -> str:
        """Верни id версии."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def size(self) -> int:
        """Верни размер всех файлов."""
        return sum(file.size for file in self.files.values())

    @property
    def clips(self) -> int:
        """Верни, сколько в версии звуковых файлов."""
        return sum(path.startswith("wavs/") for path in self.files)


def parse(content: bytes, id: str) -> Manifest:
    """Разбери описание из хранилища, не доверяя ему.

    Raises:
        DataError: содержимое не соответствует id, путь выходит из папки, размер отрицателен и т.п.
    """
    if hashlib.sha256(content).hexdigest() != id:
        raise DataError(f"version {id[:12]}: its manifest is damaged; {RESTORE}")
    try:
        document = json.loads(content)
        if document["format"] != FORMAT:
            raise DataError(
                f"version {id[:12]}: format {document['format']!r} is unknown; update ttsf"
            )
        files: dict[str, File] = {}
        for path, digest, size in document["files"]:
            _check(path, digest, size)
            if path in files:
                raise ValueError(f"{shown(path)[:80]} is there twice")
            files[path] = File(digest, size)
        if not isinstance(document["frontend"], dict):
            raise ValueError("frontend is not a section")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(
            f"version {id[:12]}: its manifest is refused: {error}; save the version again"
        ) from error
    _check_folders(files, id)
    return Manifest(files, document["frontend"])


RESTORE = "save the version again with --verify from a folder that is whole"


def _check(path: Any, digest: Any, size: Any) -> None:
    if not isinstance(path, str) or not belongs(path):
        raise ValueError(f"path {shown(str(path))[:80]} is not a file of a corpus")
    if not isinstance(digest, str) or not DIGEST.fullmatch(digest):
        raise ValueError(f"{shown(path)[:80]}: {str(digest)[:80]!r} is not a sha256")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise ValueError(f"{shown(path)[:80]}: {str(size)[:80]!r} is not a size")


def _check_folders(files: Mapping[str, File], id: str) -> None:
    for path in files:
        parents = path.split("/")[:-1]
        for depth in range(1, len(parents) + 1):
            if (parent := "/".join(parents[:depth])) in files:
                raise DataError(
                    f"version {id[:12]}: its manifest is refused: {shown(parent)[:80]} is both"
                    " a file and a folder; save the version again"
                )
