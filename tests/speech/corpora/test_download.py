"""download: каждый байт скачивается один раз, даже если соединение рвётся."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from tts_framework.errors import DataError, DiskFull
from tts_framework.speech.corpora import download as module
from tts_framework.speech.corpora.download import ATTEMPTS, cache_folder, download

CONTENT = os.urandom(3_000_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "downloads" / "voice.tar.bz2"


def fetch(server: Any, target: Path, **options: Any) -> Path:
    return download(server.url, target, pause_seconds=0, **options)


def test_a_file_arrives_whole_with_progress(server: Any, target: Path) -> None:
    server.content = CONTENT
    seen: list[tuple[int, int, str]] = []
    fetch(server, target, sha256=SHA256, progress=lambda *progress: seen.append(progress))
    assert target.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT), "download")
    assert [file.name for file in target.parent.iterdir()] == [target.name]


def test_a_file_already_here_costs_no_request(server: Any, target: Path) -> None:
    server.content = CONTENT
    fetch(server, target)
    fetch(server, target)
    assert len(server.requests) == 1


def test_a_broken_connection_is_continued_from_the_same_byte(server: Any, target: Path) -> None:
    server.content, server.cuts = CONTENT, [1_000_000, 500_000]
    fetch(server, target, sha256=SHA256)
    assert target.read_bytes() == CONTENT
    assert server.requests == [None, "bytes=1000000-", "bytes=1500000-"]


def test_a_killed_download_is_continued_by_the_next_run(server: Any, target: Path) -> None:
    server.content, server.cuts = CONTENT, [1_000_000]

    def interrupt(done: int, total: int, what: str) -> None:
        if done >= 1_000_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(server, target, progress=interrupt)
    assert not target.exists()
    fetch(server, target, sha256=SHA256)
    assert server.requests == [None, "bytes=1000000-"]
    assert target.read_bytes() == CONTENT


def test_a_file_replaced_on_the_server_is_never_glued_to_the_old_part(
    server: Any, target: Path
) -> None:
    server.content, server.cuts = b"old" * 500_000, [700_000]
    with pytest.raises(KeyboardInterrupt):
        fetch(server, target, progress=_interrupt)
    server.content, server.cuts = CONTENT, []
    fetch(server, target)
    assert target.read_bytes() == CONTENT


def _interrupt(done: int, total: int, what: str) -> None:
    raise KeyboardInterrupt


def test_a_server_without_ranges_is_read_from_the_start(server: Any, target: Path) -> None:
    server.content, server.cuts, server.ranges = CONTENT, [1_000_000], False
    fetch(server, target, sha256=SHA256)
    assert target.read_bytes() == CONTENT


def test_a_part_longer_than_the_file_is_started_anew(server: Any, target: Path) -> None:
    server.content = CONTENT
    part = target.with_name(target.name + ".part")
    part.parent.mkdir()
    part.write_bytes(CONTENT + b"tail")
    part.with_name(part.name + ".etag").write_text(server.etag)
    fetch(server, target, sha256=SHA256)
    assert target.read_bytes() == CONTENT


def test_a_server_that_comes_to_itself_is_waited_for(server: Any, target: Path) -> None:
    server.content, server.statuses = CONTENT, [503, 500]
    fetch(server, target)
    assert target.read_bytes() == CONTENT


def test_a_server_that_stays_broken_is_given_up_with_the_way_to_continue(
    server: Any, target: Path
) -> None:
    server.statuses = [503] * ATTEMPTS
    with pytest.raises(DataError, match=r"is out of reach \(.*\); check the network and run again"):
        fetch(server, target)
    assert len(server.requests) == ATTEMPTS


def test_nobody_listening_is_out_of_reach(server: Any, target: Path) -> None:
    server.close()
    with pytest.raises(DataError, match="out of reach .*refused"):
        fetch(server, target)


def test_a_wrong_address_is_not_tried_twice(server: Any, target: Path) -> None:
    server.statuses = [404]
    with pytest.raises(DataError, match=r"voice.tar.bz2 answered 404 .*; check the address"):
        fetch(server, target)
    assert len(server.requests) == 1


def test_what_follows_the_question_mark_stays_secret(server: Any, target: Path) -> None:
    server.statuses = [403]
    with pytest.raises(DataError) as caught:
        download(server.url + "?token=secret", target)
    assert "secret" not in str(caught.value)


def test_another_sha256_is_refused_and_the_file_removed(server: Any, target: Path) -> None:
    server.content = CONTENT
    with pytest.raises(DataError, match=f"has sha256 {SHA256}, expected 0000"):
        fetch(server, target, sha256="0" * 64)
    assert not target.exists()
    assert not target.with_name(target.name + ".part").exists()


@pytest.mark.parametrize("url", ["", "voice.tar.bz2", "file:///etc/passwd", "ftp://host/x"])
def test_only_http_addresses_are_taken(target: Path, url: str) -> None:
    with pytest.raises(DataError, match="is not an http"):
        download(url, target)


def test_lack_of_space_is_known_before_the_download(
    server: Any, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.content = CONTENT
    usage = type("Usage", (), {"free": 1_000_000})()
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(DiskFull, match="3 MB to download, 1 MB free; free some or set XDG_CACHE"):
        fetch(server, target)


def test_the_cache_is_where_the_system_keeps_caches(
    cache_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cache_folder() == cache_home
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "ttsf"
