"""Описание версии: id — по содержимому, чужому описанию не верят."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.errors import DataError
from tts_framework.speech.versions.contents import belongs
from tts_framework.speech.versions.manifest import File, Manifest, parse

DIGEST = "a" * 64
NAMES = st.text(min_size=1, max_size=20).filter(lambda n: belongs(f"wavs/{n}") and "/" not in n)


def hostile(**changes: Any) -> tuple[bytes, str]:
    document = {"format": 1, "frontend": {}, "files": [], **changes}
    content = json.dumps(document).encode()
    return content, hashlib.sha256(content).hexdigest()


@given(st.dictionaries(NAMES, st.integers(0, 2**40), max_size=8))
def test_what_was_written_is_what_is_read(sizes: dict[str, int]) -> None:
    manifest = Manifest({f"wavs/{name}": File(DIGEST, size) for name, size in sizes.items()})
    assert parse(manifest.content, manifest.id) == manifest


def test_the_order_of_files_does_not_change_the_id() -> None:
    files = {"wavs/b.wav": File(DIGEST, 1), "wavs/a.wav": File(DIGEST, 2)}
    assert Manifest(files).id == Manifest(dict(reversed(files.items()))).id


def test_names_that_are_not_utf8_survive() -> None:
    manifest = Manifest({"wavs/\udcff.wav": File(DIGEST, 1)})
    assert parse(manifest.content, manifest.id).files == manifest.files


@pytest.mark.parametrize(
    "path",
    [
        "../x.wav",
        "wavs/../../x.wav",
        "/etc/passwd",
        "wavs//x.wav",
        "wavs/./x.wav",
        "wavs/.hidden",
        ".git/hooks/post-checkout",
        ".bashrc",
        "wavs",
        "",
        "wavs/a\0.wav",
        "bin/sh",
        17,
    ],
)
def test_a_path_that_is_not_a_file_of_a_corpus_is_refused(path: Any) -> None:
    with pytest.raises(DataError, match="manifest is refused: path"):
        parse(*hostile(files=[[path, DIGEST, 1]]))


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([["wavs/a.wav", "../../x", 1]], "is not a sha256"),
        ([["wavs/a.wav", "A" * 64, 1]], "is not a sha256"),
        ([["wavs/a.wav", DIGEST, -1]], "is not a size"),
        ([["wavs/a.wav", DIGEST, 1.5]], "is not a size"),
        ([["wavs/a.wav", DIGEST, True]], "is not a size"),
        ([["wavs/a.wav", DIGEST, 1]] * 2, "is there twice"),
        ([["wavs/a", DIGEST, 1], ["wavs/a/b.wav", DIGEST, 1]], "both a file and a folder"),
        ([["wavs/a.wav", DIGEST]], "manifest is refused"),
        ("nonsense", "manifest is refused"),
        (None, "manifest is refused"),
    ],
)
def test_files_that_cannot_be_are_refused(files: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        parse(*hostile(files=files))


def test_a_manifest_with_another_sha256_is_refused() -> None:
    content, id = hostile()
    with pytest.raises(DataError, match="its manifest is damaged"):
        parse(content + b" ", id)


@pytest.mark.parametrize("content", [b"", b"[1]", b"{}", b"[" * 100_000, b"\xff"])
def test_nonsense_with_a_matching_sha256_is_refused(content: bytes) -> None:
    with pytest.raises(DataError, match="manifest is refused"):
        parse(content, hashlib.sha256(content).hexdigest())


def test_an_unknown_format_says_to_update() -> None:
    with pytest.raises(DataError, match="format 2 is unknown; update ttsf"):
        parse(*hostile(format=2))
