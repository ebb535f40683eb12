"""disk: файл появляется целиком или не появляется."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tts_framework.errors import DataError, DiskFull
from tts_framework.speech import disk


def test_pieces_become_one_file_in_a_new_folder(tmp_path: Path) -> None:
    disk.write(tmp_path / "a" / "b.bin", b"one", memoryview(b"two"))
    assert (tmp_path / "a" / "b.bin").read_bytes() == b"onetwo"


def test_the_same_text_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    disk.write_text(path, "привет\n")
    os.utime(path, ns=(0, 0))
    disk.write_text(path, "привет\n")
    assert path.stat().st_mtime_ns == 0
    disk.write_text(path, "пока\n")
    assert path.read_text("utf-8") == "пока\n"


def test_a_full_disk_is_a_condition_of_its_own(tmp_path: Path, full_disk: None) -> None:
    path = tmp_path / "list.csv"
    with pytest.raises(DiskFull, match=r"list.csv: no space left on the .*free some"):
        disk.write_text(path, "text")
    assert list(tmp_path.iterdir()) == []


def test_a_place_where_nothing_can_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"file/x: cannot be written \(.*\); check the path"):
        disk.write(tmp_path / "file" / "x", b"")
