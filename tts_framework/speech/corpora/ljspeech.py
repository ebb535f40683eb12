"""Корпус `ljspeech`: LJSpeech 1.1, английский женский голос, 13100 клипов, 22050 Гц."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from tts_framework.components import CorpusRequest, Recording
from tts_framework.errors import DataError
from tts_framework.speech.corpora.archive import unpack
from tts_framework.speech.corpora.download import cache_folder, download
from tts_framework.speech.corpora.folder import CorpusFolder
from tts_framework.speech.corpora.options import LJSpeechOptions

HOME = "https://data.keithito.com/data/speech/LJSpeech-1.1.tar.bz2"
HOME_SHA256 = "be1a30453f28eb8dd26af4101ae40cbf2c50413b1bb21936cbcdc6fae3de8aa5"
SPEAKER = "lj"
FILES = 13_102
_MEMBER = re.compile(r"(?:\./)?[^/]+/(?:wavs/)?(metadata\.csv|README|[\w-]+\.wav)")


def fetch(config: LJSpeechOptions, request: CorpusRequest) -> None:
    """Скачай архив (с продолжением), распакуй и разложи записи с нормализованным текстом."""
    folder = CorpusFolder("ljspeech", config, request)
    if folder.is_whole():
        return
    with folder.filling() as incoming:
        archive = _archive(config.sha256, request)
        with archive.open("rb") as stream:
            unpack(
                archive,
                stream,
                "r|*",
                incoming,
                _wanted,
                lambda done: request.progress(done, FILES, "unpack"),
            )
        readme = incoming / "README"
        licence = readme.read_text("utf-8", "replace") if readme.is_file() else None
        folder.publish(_recordings(incoming), licence=licence)


def _archive(sha256: str | None, request: CorpusRequest) -> Path:
    url = request.url or HOME
    name = f"{hashlib.sha256(url.encode()).hexdigest()[:8]}-LJSpeech.tar.bz2"
    expected = sha256 or (HOME_SHA256 if url == HOME else None)
    return download(url, cache_folder() / name, sha256=expected, progress=request.progress)


def _wanted(name: str) -> str | None:
    found = _MEMBER.fullmatch(name)
    return found[1] if found else None


def _recordings(incoming: Path) -> list[Recording]:
    table = incoming / "metadata.csv"
    if not table.is_file():
        raise DataError("ljspeech: the archive has no metadata.csv; check --url")
    recordings = []
    for number, line in enumerate(table.read_text("utf-8").splitlines(), start=1):
        columns = line.split("|")
        wav = incoming / f"{columns[0]}.wav"
        if len(columns) != 3 or not wav.is_file():
            raise DataError(
                f"ljspeech: metadata.csv:{number}: expected 'id|text|normalized text'"
                f" of an existing WAV, found {line[:60]!r}; check --url"
            )
        recordings.append(Recording(columns[0], columns[2] or columns[1], wav, SPEAKER))
    return recordings
