"""Загрузка модели: зеркала по очереди, sha256, размер, продолжение, кэш, без сети."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from tts_framework.errors import DataError
from tts_framework.zoo.fetching import cached, fetch
from tts_framework.zoo.index import Entry, Listed

CONTENT = os.urandom(1_000_000)


def listed(*mirrors: str, content: bytes = CONTENT) -> Listed:
    entry = Entry(
        plugin="hifigan",
        language="ru",
        licence="MIT",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        mirrors=mirrors,
    )
    return Listed("voice", entry, "team.yaml")


def got(one: Listed, **options: Any) -> Path:
    return fetch(one, pause_seconds=0, **options)


def test_a_dead_mirror_gives_way_to_the_next(server: Any) -> None:
    server.content = CONTENT
    path = got(listed("http://127.0.0.1:9/dead.zip", server.url))
    assert path.read_bytes() == CONTENT and path.name == "dead.zip"
    assert got(listed("http://127.0.0.1:9/dead.zip", server.url)) == path
    assert len(server.requests) == 1


def test_a_mirror_with_another_file_gives_way_to_the_next(server: Any, tmp_path: Path) -> None:
    server.content = CONTENT[::-1]
    (tmp_path / "good.zip").write_bytes(CONTENT)
    path = got(listed(server.url, f"file://{tmp_path}/good.zip"))
    assert path.read_bytes() == CONTENT


def test_every_mirror_that_failed_is_named(server: Any) -> None:
    server.content = CONTENT[::-1]
    with pytest.raises(DataError) as caught:
        got(listed(server.url, "file:///no/such.zip"))
    first, second = caught.value.problems
    assert "has sha256" in first and server.url in first
    assert "/no/such.zip: no such file" in second


def test_more_bytes_than_promised_are_not_downloaded(server: Any) -> None:
    server.content = CONTENT + b"more"
    one = listed(server.url)
    with pytest.raises(DataError, match="more than the 1000000 expected"):
        got(one)
    assert not list(cached(one).parent.glob("*.part"))


def test_an_interrupted_download_is_continued(server: Any) -> None:
    server.content, server.cuts = CONTENT, [600_000]

    def interrupt(done: int, total: int, what: str) -> None:
        if done >= 600_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        got(listed(server.url), progress=interrupt)
    assert got(listed(server.url)).read_bytes() == CONTENT
    assert server.requests == [None, "bytes=600000-"]


def test_offline_takes_the_cache_and_local_files_only(server: Any, tmp_path: Path) -> None:
    server.content = CONTENT
    one = listed(server.url)
    with pytest.raises(DataError, match="--offline forbids the network"):
        got(one, offline=True)
    assert server.requests == []
    path = got(one)
    assert got(one, offline=True) == path
    (tmp_path / "good.zip").write_bytes(CONTENT)
    assert got(listed(f"file://{tmp_path}/good.zip"), offline=True).is_file()


def test_a_cache_that_has_rotted_is_fetched_again(server: Any) -> None:
    server.content = CONTENT
    path = got(listed(server.url))
    path.write_bytes(CONTENT[::-1])
    assert got(listed(server.url)).read_bytes() == CONTENT


def test_a_local_mirror_of_another_size_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.zip").write_bytes(CONTENT[:-1])
    with pytest.raises(DataError, match="are not as in the index"):
        got(listed(f"file://{tmp_path}/bad.zip"))


def test_the_name_in_the_cache_is_safe() -> None:
    path = cached(listed("https://example.org/%2e%2e%2f..%2fetc%00/..%2f.hidden"))
    assert "/" not in path.name and not path.name.startswith(".") and "\0" not in path.name
