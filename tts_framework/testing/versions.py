"""Контракт хранилища версий данных."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tts_framework.components import Versions
from tts_framework.errors import DataError
from tts_framework.testing.contract import Contract
from tts_framework.testing.demand import Broken, demand, refused

_DATA = b"RIFF" + bytes(range(256)) * 9
_DIGEST = hashlib.sha256(_DATA).hexdigest()


class VersionsContract(Contract):
    """Содержимое возвращается байт в байт, недописанное целым не считается, записи не теряются.

    Переопределите `make(cls, folder)`, если хранилищу нужно место: по умолчанию — `options`.
    """

    kind: ClassVar[str] = "versions"

    def make(self, cls: type[Any], folder: Path) -> Versions:
        """Открой пустое хранилище в этой папке."""
        made: Versions = cls(cls.Config(**self.options))
        return made

    @pytest.fixture
    def versions(self, cls: type[Any], tmp_path: Path) -> Versions:
        """Пустое хранилище."""
        return self.make(cls, tmp_path / "remote")

    def test_contents_come_back_byte_for_byte(self, versions: Versions, tmp_path: Path) -> None:
        sizes = {_DIGEST: len(_DATA)}
        demand(versions.missing(sizes) == {_DIGEST}, "an empty store misses nothing", "look again")
        versions.put(_DIGEST, self.staged(tmp_path))
        demand(not versions.missing(sizes), "what was put is missing", "make it visible in put")
        demand(
            versions.missing({_DIGEST: 1}) == {_DIGEST},
            "contents of another size are not missing",
            "compare sizes: a write may have been cut",
        )
        versions.get(_DIGEST, tmp_path / "copy")
        same = (tmp_path / "copy").read_bytes() == _DATA
        demand(same, "the bytes differ", "store them as they are")

    def test_putting_again_repairs(self, versions: Versions, tmp_path: Path) -> None:
        for _ in range(2):
            versions.put(_DIGEST, self.staged(tmp_path))
        versions.get(_DIGEST, tmp_path / "copy")
        demand((tmp_path / "copy").read_bytes() == _DATA, "the bytes differ", "replace the old")

    def test_many_at_once_do_not_mix(self, versions: Versions, tmp_path: Path) -> None:
        contents = {hashlib.sha256(bytes([n])).hexdigest(): bytes([n]) for n in range(8)}

        def there_and_back(digest: str) -> bytes:
            staged, back = tmp_path / f"{digest}.staged", tmp_path / digest
            staged.write_bytes(contents[digest])
            versions.put(digest, staged)
            versions.get(digest, back)
            return back.read_bytes()

        with ThreadPoolExecutor(max(2, versions.workers)) as pool:
            try:
                found = list(pool.map(there_and_back, contents))
            except Exception as error:
                seen = f"put and get at once raise {type(error).__name__}: {error}"
                raise Broken(seen, "they are called from many threads") from error
        demand(
            found == list(contents.values()),
            "contents put at once are mixed up",
            "give every write a temporary name of its own",
        )

    def test_unknown_contents_are_refused(self, versions: Versions, tmp_path: Path) -> None:
        with refused(DataError, "get of unknown contents", "name the digest"):
            versions.get("0" * 64, tmp_path / "copy")

    def test_published_records_are_kept(self, versions: Versions, tmp_path: Path) -> None:
        demand(versions.records() == [], "an empty store has records", "return []")
        sent = []
        for number in range(2):
            manifest = json.dumps({"files": [], "number": number}).encode()
            digest = hashlib.sha256(manifest).hexdigest()
            staged = tmp_path / "manifest"
            staged.write_bytes(manifest)
            versions.put(digest, staged)
            sent.append(json.dumps({"id": digest, "name": f"v{number}"}).encode())
            versions.publish(sent[-1], manifest)
        found = sorted(record.strip() for record in versions.records())
        demand(found == sorted(sent), f"{found} of {sent}", "publish in one indivisible action")

    @staticmethod
    def staged(folder: Path) -> Path:
        """Положи снимок содержимого рядом; `put` вправе его забрать."""
        path = folder / "staged"
        path.write_bytes(_DATA)
        return path
