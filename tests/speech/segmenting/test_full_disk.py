"""Место на диске кончается посреди нарезки: готовое цело, та же команда продолжает."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tts_framework.errors import DiskFull, ExitCode

from .conftest import Cut, command, contents


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=7m", "tmpfs", folder], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small disk needs the right to mount")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_keeps_what_is_ready_and_the_next_run_goes_on(
    tmp_path: Path, small_disk: Path, many: Path, cut: Cut
) -> None:
    out = small_disk / "corpus"
    with pytest.raises(DiskFull, match="no space left on the disk"):
        cut(many, out)
    assert not (out / "metadata.csv").exists()
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
    assert cut(many, out).ready > 0
    cut(many, tmp_path / "whole")
    assert contents(out) == contents(tmp_path / "whole")


@pytest.mark.no_cover
def test_a_file_size_limit_is_a_full_disk_too(tmp_path: Path, raw: Path) -> None:
    done = subprocess.run(
        command(raw, tmp_path / "out"),
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (30000, 30000)),
    )
    assert done.returncode == ExitCode.DISK_FULL, done.stderr
    assert "no space left on the disk" in done.stderr and "Traceback" not in done.stderr
    assert list((tmp_path / "out/wavs").iterdir()) == []
