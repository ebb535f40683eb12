"""debian: настоящие apt-get и dpkg-deb, репозиторий — в папке теста."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tts_framework.errors import DataError
from tts_framework.speech.corpora.debian import fetch_package, package_files, require

MakePackage = Callable[[dict[str, bytes]], Path]


def quiet(done: int, total: int, what: str) -> None:
    pass


def test_a_package_is_fetched_even_where_package_lists_were_never_updated(
    make_package: MakePackage, repository: Path, tmp_path: Path
) -> None:
    deb = make_package({"usr/share/file": b"content"})
    seen: list[tuple[int, int, str]] = []
    cache = tmp_path / "cache"
    fetched = fetch_package("festvox-ru", cache, lambda *progress: seen.append(progress))
    assert fetched == cache / deb.name
    assert fetched.read_bytes() == deb.read_bytes()
    assert seen[-1] == (deb.stat().st_size, deb.stat().st_size, "download")
    assert list(cache.iterdir()) == [fetched]


def test_a_fetched_package_is_not_fetched_again(
    make_package: MakePackage, repository: Path, tmp_path: Path
) -> None:
    make_package({"usr/share/file": b"content"})
    fetched = fetch_package("festvox-ru", tmp_path / "cache", quiet)
    shutil.rmtree(repository)
    assert fetch_package("festvox-ru", tmp_path / "cache", quiet) == fetched


def test_a_package_that_does_not_exist_is_named_in_apts_own_words(
    make_package: MakePackage, repository: Path, tmp_path: Path
) -> None:
    make_package({"usr/share/file": b"content"})
    with pytest.raises(DataError, match="Unable to locate package no-such; .*get synthetic"):
        fetch_package("no-such", tmp_path / "cache", quiet)


def test_a_package_altered_on_the_way_is_refused(
    make_package: MakePackage, repository: Path, tmp_path: Path
) -> None:
    deb = make_package({"usr/share/file": b"content"})
    content = bytearray(deb.read_bytes())
    content[-1] ^= 0xFF
    deb.write_bytes(content)
    with pytest.raises(DataError, match="download festvox-ru: .*[Hh]ash"):
        fetch_package("festvox-ru", tmp_path / "cache", quiet)
    assert not list((tmp_path / "cache").glob("*.deb"))


def test_an_unreachable_repository_is_an_error_with_a_way_out(
    repository: Path, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="check the network, or use a Debian or Ubuntu machine"):
        fetch_package("festvox-ru", tmp_path / "cache", quiet)


def test_without_the_tools_another_corpus_is_advised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DataError, match="apt-get: not found .*'ttsf data get synthetic'"):
        fetch_package("festvox-ru", tmp_path / "cache", quiet)
    with pytest.raises(DataError, match="dpkg-deb: not found"):
        require("dpkg-deb")


def test_the_files_of_a_package_come_as_a_tar_stream(make_package: MakePackage) -> None:
    deb = make_package({"usr/share/file": b"content"})
    with package_files(deb) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        contents = {m.name: archive.extractfile(m) for m in archive if m.isreg()}
    assert list(contents) == ["./usr/share/file"]


def test_a_broken_package_is_named(make_package: MakePackage) -> None:
    deb = make_package({"usr/share/file": b"content"})
    deb.write_bytes(b"not a package")
    with pytest.raises(DataError, match=r"festvox-ru_9.9_all.deb: .*; remove it and run again"):
        with package_files(deb) as stream:
            stream.read()


def test_stopping_halfway_ends_the_unpacking_program(make_package: MakePackage) -> None:
    deb = make_package({"usr/share/file": bytes(3_000_000)})
    with pytest.raises(KeyboardInterrupt):
        with package_files(deb) as stream:
            stream.read(10)
            raise KeyboardInterrupt
    assert stream.closed
