from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from tts_framework import files
from tts_framework.errors import DiskFull


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    files.write_text(path, "прежнее")

    files.write_text(path, "новое")

    assert path.read_text() == "новое"
    assert os.listdir(tmp_path) == ["note.txt"]


def test_a_failed_write_leaves_the_previous_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    files.write_text(path, "прежнее")

    with pytest.raises(RuntimeError), files.replacing(path) as temporary:
        temporary.write_text("половина")
        assert temporary.name.startswith(".")
        raise RuntimeError

    assert path.read_text() == "прежнее"
    assert os.listdir(tmp_path) == ["note.txt"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_no_space_is_named_even_when_hidden_behind_another_error(
    tmp_path: Path, number: int
) -> None:
    with pytest.raises(DiskFull, match="no space left"), files.replacing(tmp_path / "a"):
        try:
            raise OSError(number, os.strerror(number))
        except OSError as error:
            raise RuntimeError("unexpected pos 576 vs 534") from error


def test_other_errors_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.write_text(tmp_path / "missing" / "a", "x")


def test_a_link_replaces_the_target_and_takes_no_space(tmp_path: Path) -> None:
    source, target = tmp_path / "checkpoint_5", tmp_path / "best_model.ckpt"
    source.write_text("новое")
    target.write_text("прежнее")

    files.link_or_copy(source, target)

    assert target.samefile(source)


def test_linking_again_changes_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("данные")

    for _ in range(2):
        files.link_or_copy(tmp_path / "a", tmp_path / "b")

    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


def test_a_file_is_copied_where_links_are_not_possible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.EXDEV, "cross-device")

    monkeypatch.setattr(os, "link", refuse)
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_text("данные")

    files.link_or_copy(source, target)

    assert target.read_text() == "данные" and not target.samefile(source)


def test_a_missing_source_is_not_copied(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.link_or_copy(tmp_path / "a", tmp_path / "b")


def test_sha256_is_of_the_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")

    assert files.sha256(tmp_path / "a").startswith("ba7816bf8f01cfea")
