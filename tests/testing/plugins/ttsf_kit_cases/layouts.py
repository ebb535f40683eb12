"""Раскладки корпусов."""

from __future__ import annotations

import itertools
from dataclasses import replace

from ttsf_kit_cases import broken

from tts_framework.components import BadRecord, Layout, Recording
from tts_framework.speech.audio import read_header
from tts_framework.testing import LayoutContract


class Checked(LayoutContract):
    def lay_out(self, folder):
        folder.mkdir(parents=True)
        for name in "абв":
            (folder / f"{name}.wav").write_bytes(b"")
        (folder / "texts.tsv").write_text("".join(f"{name}\tмама\n" for name in "абв"))
        return 3


class Sound(Layout):
    """A list of texts beside the sound."""

    expects = "texts.tsv beside the recordings"

    @classmethod
    def matches(cls, source):
        return (source / "texts.tsv").is_file()

    def recordings(self, source):
        for line in (source / "texts.tsv").read_text().splitlines():
            name, text = line.split("\t")
            yield self.recording(Recording(name, text, source / f"{name}.wav", "кто-то"))

    def recording(self, made):
        return made


KNOWS = "test_it_knows_its_own_folder_and_no_other"
LISTED = "test_recordings_are_listed_in_a_stable_order"


@broken(KNOWS, "an empty folder matches; look for your own files")
class Anything(Sound):
    @classmethod
    def matches(cls, source):
        return True


@broken(KNOWS, "its own folder does not match")
class Nothing(Sound):
    @classmethod
    def matches(cls, source):
        return False


@broken(KNOWS, "expects is empty; say in a phrase")
class Wordless(Sound):
    expects = ""


@broken(LISTED, "two listings differ; sort the files")
class Unordered(Sound):
    turn = itertools.count()

    def recordings(self, source):
        return iter(list(super().recordings(source))[:: (-1) ** next(self.turn)])


@broken(LISTED, "2 of 3, bad: []")
class LosesOne(Sound):
    def recordings(self, source):
        return itertools.islice(super().recordings(source), 2)


@broken(LISTED, "0 of 3, bad: [BadRecord(")
class FindsFault(Sound):
    def recording(self, made):
        return BadRecord(made.id, "no such word")


@broken(LISTED, "ids repeat; make them unique")
class NamesByText(Sound):
    def recording(self, made):
        return replace(made, id=made.text)


@broken(LISTED, "sound outside of SOURCE")
class Wanders(Sound):
    def recording(self, made):
        return replace(made, wav=made.wav.parents[2] / made.wav.name)


@broken(LISTED, "broken sound file")
class Listens(Sound):
    def recording(self, made):
        read_header(made.wav)
        return made
