from __future__ import annotations

import os
import pickle
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tts_framework.errors import CheckpointError, DiskFull
from tts_framework.training import checkpoint

torch = pytest.importorskip("torch")


@pytest.fixture
def state() -> dict[str, Any]:
    return {
        "iteration": 600,
        "state_dict": {"weight": torch.arange(1000.0), "half": torch.ones(3, dtype=torch.bfloat16)},
        "optimizer": {"state": {0: {"step": torch.tensor(600.0)}}, "param_groups": [{"lr": 1e-3}]},
        "learning_rate": 1e-3,
        "symbols": ["а", "б"],
        "sampler": [None, True, (1, 2)],
        "big": 2**127,
    }


def test_what_was_written_is_read_back(tmp_path: Path, state: dict[str, Any]) -> None:
    path = tmp_path / "new" / "checkpoint_600"

    checkpoint.write(path, state)

    found = checkpoint.read(path)
    assert torch.equal(found["state_dict"]["weight"], state["state_dict"]["weight"])
    assert {k: v for k, v in found.items() if k not in ("state_dict", "optimizer")} == {
        k: v for k, v in state.items() if k not in ("state_dict", "optimizer")
    }
    assert os.listdir(path.parent) == ["checkpoint_600"]


def test_the_old_format_of_the_reference_is_read_too(tmp_path: Path, state: dict[str, Any]) -> None:
    torch.save(state, tmp_path / "old", _use_new_zipfile_serialization=False)

    assert checkpoint.read(tmp_path / "old")["iteration"] == 600


def test_objects_that_could_not_be_loaded_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"state.config.path: PosixPath cannot be kept"):
        checkpoint.write(tmp_path / "a", {"config": {"path": Path("x")}})


def test_a_missing_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no such checkpoint"):
        checkpoint.read(tmp_path / "checkpoint_1")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_truncated_checkpoint_is_an_error_of_one_line(
    tmp_path: Path, state: dict[str, Any], share: float
) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    checkpoint.write(whole, state)
    data = whole.read_bytes()
    cut.write_bytes(data[: int(len(data) * share)])

    with pytest.raises(CheckpointError) as caught:
        checkpoint.read(cut)

    assert "\n" not in str(caught.value) and str(cut) in str(caught.value)


class Hostile:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.path}",)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("archive", [True, False])
def test_code_in_a_checkpoint_is_refused_and_not_run(tmp_path: Path, archive: bool) -> None:
    trap, path = tmp_path / "executed", tmp_path / "checkpoint_1"
    if archive:
        torch.save({"state_dict": Hostile(trap)}, path)
    else:
        path.write_bytes(pickle.dumps(Hostile(trap)))

    with pytest.raises(CheckpointError, match="it was not executed"):
        checkpoint.read(path)

    assert not trap.exists()


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, state: dict[str, Any]) -> None:
    good, bomb = tmp_path / "good", tmp_path / "bomb"
    checkpoint.write(good, state)
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as to:
        for member in source.infolist():
            to.writestr(member.filename, source.read(member))
        to.writestr("bomb/data/9", b"\0" * 50_000_000)

    with pytest.raises(CheckpointError, match="more than the file holds; it was refused"):
        checkpoint.read(bomb)


def test_something_that_is_no_dictionary_is_refused(tmp_path: Path) -> None:
    torch.save([1, 2], tmp_path / "list")

    with pytest.raises(CheckpointError, match="holds a list"):
        checkpoint.read(tmp_path / "list")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a small disk needs the right to mount")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_named_and_leaves_the_previous_checkpoint(
    small_disk: Path, state: dict[str, Any]
) -> None:
    path = small_disk / "checkpoint_600"
    checkpoint.write(path, state)

    with pytest.raises(DiskFull, match="no space left"):
        checkpoint.write(path, {"weight": torch.zeros(1_000_000)})

    assert checkpoint.read(path)["iteration"] == 600
    assert os.listdir(small_disk) == ["checkpoint_600"]
