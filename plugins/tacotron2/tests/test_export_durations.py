"""Длительности из внимания: путь верен, файлы читает любая модель."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tts_framework.components import Session, TrainingContext
from tts_framework.speech import durations
from tts_framework.speech.audio import read_header
from tts_framework.speech.filelist import read
from ttsf_tacotron2.export_durations import main, symbol_ends

StartSession = Callable[..., Session]


def test_a_clear_attention_gives_its_own_ends() -> None:
    attention = np.repeat(np.eye(4), [2, 1, 3, 2], axis=0)
    assert symbol_ends(attention, 3).tolist() == [6, 9, 18, 24]


def test_more_symbols_than_steps_share_a_step() -> None:
    ends = symbol_ends(np.full((3, 7), 1 / 7), 4)
    assert ends[-1] == 12 and (np.diff(ends) > 0).all()


def test_every_clip_gets_a_file_once(
    start: StartSession,
    context: TrainingContext,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "corpus"
    shutil.copytree(context.train.parent, folder)
    own = replace(context, train=folder / "train.csv", validation=folder / "validation.csv")
    start(own).save(tmp_path / "ckpt")
    command = [str(tmp_path / "ckpt"), str(own.train), str(own.validation)]
    assert main(command) == 0 and main(command) == 0
    said = capsys.readouterr().out
    assert "8 clip(s) exported" in said and "0 clip(s) exported" in said
    for clip in read(own.train):
        names = [context.frontend.symbols[code] for code in context.frontend.encode(clip.text)]
        seconds = read_header(clip.path).seconds
        ends = durations.read(durations.beside(clip.path), names, seconds)
        assert ends is not None and ends[-1] == pytest.approx(seconds, abs=1e-4)


def test_a_missing_checkpoint_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "no"), str(tmp_path / "list")]) == 2
    assert "no such checkpoint" in capsys.readouterr().err
