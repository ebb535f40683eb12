"""ljspeech: архив с домашней страницы или с `--url` превращается в папку корпуса."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tts_framework.components import CorpusRequest
from tts_framework.errors import DataError
from tts_framework.speech.corpora import download, ljspeech
from tts_framework.speech.corpora.options import LJSpeechOptions
from tts_framework.speech.filelist import read

TABLE = (
    "LJ001-0001|Printing, in 1455|Printing, in fourteen fifty-five\n"
    "LJ001-0002|in being comparatively modern.|in being comparatively modern.\n"
    "LJ001-0003|For although|\n"
)


@pytest.fixture
def files(spoken: Path) -> dict[str, bytes]:
    """Верни содержимое архива в раскладке LJSpeech-1.1."""
    wavs = sorted((spoken / "wavs").iterdir())
    return {
        "LJSpeech-1.1/README": b"public domain",
        "LJSpeech-1.1/metadata.csv": TABLE.encode(),
        **{f"LJSpeech-1.1/wavs/LJ001-000{n}.wav": wavs[n].read_bytes() for n in (1, 2, 3)},
    }


def fetch(dest: Path, server: Any, **options: Any) -> None:
    ljspeech.fetch(LJSpeechOptions(**options), CorpusRequest(dest, url=server.url))


def test_an_archive_becomes_a_corpus_with_normalized_text(
    files: dict[str, bytes], make_tar: Callable[..., bytes], server: Any, tmp_path: Path
) -> None:
    server.content = make_tar(files)
    fetch(tmp_path / "lj", server, sha256=hashlib.sha256(server.content).hexdigest())
    clips = read(tmp_path / "lj" / "train.csv") + read(tmp_path / "lj" / "validation.csv")
    assert {clip.path.stem: clip.text for clip in clips} == {
        "LJ001-0001": "Printing, in fourteen fifty-five",
        "LJ001-0002": "in being comparatively modern.",
        "LJ001-0003": "For although",
    }
    assert (tmp_path / "lj" / "LICENSE").read_text() == "public domain"


def test_an_interrupted_fetch_goes_on_and_ends_the_same(
    files: dict[str, bytes],
    make_tar: Callable[..., bytes],
    server: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    server.content, server.cuts = make_tar(files), [10_000]
    with pytest.raises(DataError, match="out of reach"):
        fetch(tmp_path / "lj", server)
    assert not (tmp_path / "lj" / "train.csv").exists()
    fetch(tmp_path / "lj", server)
    assert (tmp_path / "lj" / "train.csv").is_file()
    assert server.requests == [None, "bytes=10000-"]


def test_a_corpus_already_whole_asks_the_server_nothing(
    files: dict[str, bytes],
    make_tar: Callable[..., bytes],
    server: Any,
    tmp_path: Path,
    cache_home: Path,
) -> None:
    server.content = make_tar(files)
    fetch(tmp_path / "lj", server)
    for archive in cache_home.iterdir():
        archive.unlink()
    fetch(tmp_path / "lj", server)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"LJSpeech-1.1/metadata.csv": None}, "no metadata.csv; check --url"),
        ({"LJSpeech-1.1/metadata.csv": b"a|b\n"}, "metadata.csv:1: expected"),
        ({"LJSpeech-1.1/wavs/LJ001-0002.wav": None}, "metadata.csv:2: expected .* existing WAV"),
        ({"LJSpeech-1.1/wavs/LJ001-0002.wav": b"junk"}, "LJ001-0002.wav: broken sound file"),
    ],
)
def test_an_archive_of_another_shape_is_refused(
    files: dict[str, bytes],
    change: dict[str, bytes | None],
    message: str,
    make_tar: Callable[..., bytes],
    server: Any,
    tmp_path: Path,
) -> None:
    changed = {**files, **change}
    server.content = make_tar({name: body for name, body in changed.items() if body is not None})
    with pytest.raises(DataError, match=message):
        fetch(tmp_path / "lj", server)
    assert not (tmp_path / "lj" / "train.csv").exists()


def test_an_archive_that_is_no_archive_is_refused(server: Any, tmp_path: Path) -> None:
    server.content = b"<html>moved</html>"
    with pytest.raises(DataError, match=r"LJSpeech.tar.bz2: broken archive .*; remove it"):
        fetch(tmp_path / "lj", server)
