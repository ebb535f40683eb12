"""archive: из чужого архива выходит только названное нами и только туда, куда сказано."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tts_framework.errors import DataError
from tts_framework.speech.corpora import archive
from tts_framework.speech.corpora.archive import unpack

SOURCE = Path("voice.tar")
MakeTar = Callable[..., bytes]


def by_base_name(name: str) -> str | None:
    return name.rpartition("/")[2] if name.endswith(".wav") else None


def test_chosen_files_are_unpacked_and_counted(tmp_path: Path, make_tar: MakeTar) -> None:
    content = make_tar({"v/a.wav": b"one", "v/b.wav": b"two", "v/readme": b"no"})
    counted: list[int] = []
    unpack(SOURCE, io.BytesIO(content), "r|*", tmp_path, by_base_name, counted.append)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {
        "a.wav": b"one",
        "b.wav": b"two",
    }
    assert counted == [1, 2]


def test_names_in_the_archive_cannot_lead_out_of_the_folder(
    tmp_path: Path, make_tar: MakeTar
) -> None:
    target = tmp_path / "in"
    unpack(
        SOURCE,
        io.BytesIO(make_tar({"../../evil.wav": b"x", "/etc/evil2.wav": b"y"})),
        "r|*",
        target,
        by_base_name,
    )
    assert sorted(p.name for p in target.iterdir()) == ["evil.wav", "evil2.wav"]
    assert [p.name for p in tmp_path.iterdir()] == ["in"]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_passed_over(tmp_path: Path, kind: bytes) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as file:
        member = tarfile.TarInfo("a.wav")
        member.type, member.linkname = kind, "/etc/passwd"
        file.addfile(member)
    unpack(SOURCE, io.BytesIO(buffer.getvalue()), "r|", tmp_path, by_base_name)
    assert list(tmp_path.iterdir()) == []


def test_a_file_already_whole_is_not_written_again(tmp_path: Path, make_tar: MakeTar) -> None:
    content = make_tar({"a.wav": b"one", "b.wav": b"two"})
    (tmp_path / "a.wav").write_bytes(b"one")
    (tmp_path / "b.wav").write_bytes(b"t")
    os.utime(tmp_path / "a.wav", ns=(0, 0))
    unpack(SOURCE, io.BytesIO(content), "r|*", tmp_path, by_base_name)
    assert (tmp_path / "a.wav").stat().st_mtime_ns == 0
    assert (tmp_path / "b.wav").read_bytes() == b"two"


@pytest.mark.parametrize("mode", ["w", "w:bz2", "w:gz", "w:xz"])
def test_a_truncated_archive_is_an_error(tmp_path: Path, make_tar: MakeTar, mode: str) -> None:
    content = make_tar({"a.wav": os.urandom(50_000), "b.wav": os.urandom(50_000)}, mode)
    with pytest.raises(DataError, match="voice.tar: broken archive .*; remove it and run again"):
        unpack(SOURCE, io.BytesIO(content[:70_000]), "r|*", tmp_path, by_base_name)


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>" * 100])
def test_something_else_instead_of_an_archive_is_an_error(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DataError, match="voice.tar: broken archive"):
        unpack(SOURCE, io.BytesIO(content), "r|*", tmp_path, by_base_name)


def test_a_member_of_absurd_size_is_refused(
    tmp_path: Path, make_tar: MakeTar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBER_BYTES", 1000)
    with pytest.raises(DataError, match="a.wav: 1001 bytes in an archive"):
        unpack(SOURCE, io.BytesIO(make_tar({"a.wav": b"0" * 1001})), "r|*", tmp_path, by_base_name)
