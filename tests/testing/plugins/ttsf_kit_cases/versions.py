"""Хранилища версий данных."""

from __future__ import annotations

import shutil
import time
import uuid

from ttsf_kit_cases import broken

from tts_framework.components import Versions
from tts_framework.errors import DataError
from tts_framework.testing import VersionsContract


class Checked(VersionsContract):
    def make(self, cls, folder):
        made = cls(cls.Config(**self.options))
        made.open_in(folder)
        return made


class Sound(Versions):
    """Keeps files in a folder."""

    def open_in(self, folder):
        self.folder = folder
        folder.mkdir()

    def missing(self, sizes):
        return {digest for digest, size in sizes.items() if not self.whole(digest, size)}

    def whole(self, digest, size):
        path = self.folder / digest
        return path.is_file() and path.stat().st_size == size

    def draft(self):
        return self.folder / f".{uuid.uuid4().hex}"

    def put(self, digest, staged):
        draft = self.draft()
        shutil.copyfile(staged, draft)
        draft.rename(self.folder / digest)

    def get(self, digest, path):
        try:
            shutil.copyfile(self.folder / digest, path)
        except FileNotFoundError:
            self.unknown(digest)

    def unknown(self, digest):
        raise DataError(f"{digest}: is not in the store; push it from where it was made")

    def publish(self, record, manifest):
        (self.folder / f"{uuid.uuid4().hex}.record").write_bytes(record)

    def records(self):
        return [path.read_bytes() for path in self.folder.glob("*.record")]


BYTES = "test_contents_come_back_byte_for_byte"
UNKNOWN = "test_unknown_contents_are_refused"
KEPT = "test_published_records_are_kept"


@broken(BYTES, "an empty store misses nothing")
class HasEverything(Sound):
    def missing(self, sizes):
        return set()


@broken(BYTES, "what was put is missing; make it visible in put")
class PutsLater(Sound):
    def put(self, digest, staged):
        pass


@broken(BYTES, "contents of another size are not missing; compare sizes")
class IgnoresSizes(Sound):
    def whole(self, digest, size):
        return (self.folder / digest).is_file()


@broken(BYTES, "the bytes differ; store them as they are")
class EndsOfLines(Sound):
    def get(self, digest, path):
        super().get(digest, path)
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r"))


@broken("test_putting_again_repairs", "FileExistsError")
class OnlyOnce(Sound):
    def put(self, digest, staged):
        if (self.folder / digest).exists():
            raise FileExistsError(digest)
        super().put(digest, staged)


@broken("test_many_at_once_do_not_mix", "put and get at once raise FileNotFoundError")
class OneDraft(Sound):
    def draft(self):
        time.sleep(0.01)
        return self.folder / ".draft"

    def put(self, digest, staged):
        draft = self.draft()
        shutil.copyfile(staged, draft)
        time.sleep(0.02)
        draft.rename(self.folder / digest)


@broken(UNKNOWN, "get of unknown contents is accepted; raise DataError: name the digest")
class GivesNothing(Sound):
    def unknown(self, digest):
        pass


@broken(UNKNOWN, "get of unknown contents raises KeyError")
class FallsOnTheUnknown(Sound):
    def unknown(self, digest):
        raise KeyError(digest)


@broken(KEPT, "publish in one indivisible action")
class KeepsTheLast(Sound):
    def publish(self, record, manifest):
        (self.folder / "the.record").write_bytes(record)
