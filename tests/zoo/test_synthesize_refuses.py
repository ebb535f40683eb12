"""`ttsf synthesize` и опасные чекпоинты: одна строка, ничего не исполнено и не записано."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from tts_framework.cli.main import app
from tts_framework.errors import CheckpointError
from tts_framework.training import checkpoint

TRACE = "TTSF_SYNTHESIZE_WAS_EXECUTED"


class Evil:
    def __reduce__(self) -> Any:
        return os.putenv, (TRACE, "1")


def pickled_code(ours: Path, path: Path) -> None:
    torch.save({**checkpoint.read(ours), "extra": Evil()}, path)


def old_pickled_code(ours: Path, path: Path) -> None:
    torch.save({"model": Evil()}, path, _use_new_zipfile_serialization=False)


def truncated(ours: Path, path: Path) -> None:
    path.write_bytes(ours.read_bytes()[:-2000])


def wrong_shapes(ours: Path, path: Path) -> None:
    state = checkpoint.read(ours)
    state["state_dict"]["decoder.attention_rnn.weight_hh"] = torch.zeros(1, 1)
    checkpoint.write(path, state)


def bomb(ours: Path, path: Path) -> None:
    with zipfile.ZipFile(ours) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for info in source.infolist():
            out.writestr(info.filename, source.read(info))
        out.writestr("archive/data/99", bytes(20_000_000))


def absurd_sizes(ours: Path, path: Path) -> None:
    state = checkpoint.read(ours)
    checkpoint.write(path, {**state, "reduction_factor": 10**9})


@pytest.mark.parametrize("flag", ["--checkpoint", "--vocoder"])
@pytest.mark.parametrize(
    "spoil", [pickled_code, old_pickled_code, truncated, wrong_shapes, bomb, absurd_sizes]
)
def test_a_hostile_checkpoint_is_refused(
    ours: Path, tmp_path: Path, flag: str, spoil: Callable[[Path, Path], None]
) -> None:
    spoil(ours, tmp_path / "hostile")
    other = ["--checkpoint", str(ours)] if flag == "--vocoder" else []
    arguments = ["synthesize", *other, flag, str(tmp_path / "hostile"), "--text", "да"]
    result = CliRunner().invoke(app, [*arguments, "--out", str(tmp_path / "x.wav")])
    assert isinstance(result.exception, CheckpointError), result.exception
    assert "hostile: " in str(result.exception) and len(str(result.exception).splitlines()) == 1
    assert os.getenv(TRACE) is None and not (tmp_path / "x.wav").exists()
