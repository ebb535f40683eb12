"""Источники корпусов."""

from __future__ import annotations

import uuid

from ttsf_kit_cases import broken

from tts_framework.components import Corpus
from tts_framework.testing import CorpusContract


class Checked(CorpusContract):
    offline = True


class Sound(Corpus):
    """Makes empty recordings."""

    def fetch(self, request):
        for number in range(request.limit):
            wav = request.dest / "wavs" / f"{number}.wav"
            wav.parent.mkdir(parents=True, exist_ok=True)
            wav.write_bytes(b"RIFF")
        for part, numbers in (("train", range(1, request.limit)), ("validation", range(1))):
            lines = [f"wavs/{number}.wav|{self.text()}\n" for number in numbers]
            (request.dest / f"{part}.csv").write_text("".join(lines))

    def text(self):
        return "мама"


FETCHED = "test_two_clips_are_fetched_and_fetching_again_changes_nothing"


@broken(FETCHED, "lists are ['corpus/train.csv']; write train.csv and validation.csv")
class OneList(Sound):
    def fetch(self, request):
        super().fetch(request)
        (request.dest / "validation.csv").unlink()


@broken(FETCHED, "fetching again changes files; keep what is whole")
class WritesAnew(Sound):
    def text(self):
        return uuid.uuid4().hex


@broken(FETCHED, "is lost and is not fetched again; an interrupted fetch is repeated")
class TrustsTheFolder(Sound):
    def fetch(self, request):
        if not request.dest.exists():
            super().fetch(request)
