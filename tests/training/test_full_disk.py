"""Место на диске кончается посреди обучения: настоящий маленький диск и предел размера файла."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tts_framework.errors import ExitCode

Run = Callable[..., Path]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small disk needs the right to mount")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_the_previous_checkpoint_survives_a_full_disk_and_the_run_goes_on(
    train: Any, launch: Any, tiny_run: Run, small_disk: Path, weights: Any, tmp_path: Path
) -> None:
    config, folder = tiny_run(), small_disk / "out"
    train(config, output_directory=folder, until_iteration=50)
    filler = small_disk / "filler"
    with open(filler, "wb", buffering=0) as file:
        while file.write(b"\0" * 1024) == 1024 and _free(small_disk) > 4096:
            pass

    code, output = launch("--config", config, "-o", folder).wait()

    assert code == ExitCode.DISK_FULL, output
    assert "no space left on the device" in output and "Traceback" not in output
    assert sorted(p.name for p in folder.iterdir() if "checkpoint" in p.name) == ["checkpoint_50"]
    filler.unlink()
    train(config, output_directory=folder, until_iteration=150)
    train(config, output_directory=tmp_path / "whole", until_iteration=150)
    assert weights(folder / "checkpoint_150") == weights(tmp_path / "whole/checkpoint_150")


def test_a_file_size_limit_is_a_full_disk_too(train: Any, tiny_run: Run, tmp_path: Path) -> None:
    config, folder = tiny_run(), tmp_path / "output/tiny"
    train(config, until_iteration=50)

    done = subprocess.run(
        [sys.executable, "-m", "tts_framework", "train", "--config", config],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )

    assert done.returncode == ExitCode.DISK_FULL, done.stderr
    assert [p.name for p in folder.glob("*checkpoint_*")] == ["checkpoint_50"]


def _free(folder: Path) -> int:
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_bsize
