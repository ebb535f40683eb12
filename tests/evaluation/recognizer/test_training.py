"""Обучение распознавателя: учится, продолжается точно, останавливается без потерь."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tts_framework.errors import CheckpointError, DataError, ExitCode
from tts_framework.evaluation.items import sound_of
from tts_framework.evaluation.recognizer.alphabet import errors
from tts_framework.evaluation.recognizer.listening import Listener
from tts_framework.training import checkpoint
from tts_framework.training.stop_request import StopRequest

Train = Callable[..., tuple[ExitCode, str]]
SMALL: dict[str, Any] = {"channels": 16, "hidden": 16, "blocks": 1, "epochs": 2, "evaluations": 6}


def test_it_hears_what_it_was_taught(recognizer: Path, spoken: Path) -> None:
    listener = Listener(recognizer)
    rows = [line.split("|") for line in (spoken / "train.csv").read_text().splitlines()]
    found = listener.hear([sound_of(spoken / name) for name, _ in rows])
    wrong = sum(
        errors(listener.expected(text), n) for (_, text), n in zip(rows, found, strict=True)
    )
    total = sum(len(listener.expected(text)) for _, text in rows)
    assert wrong / total < 0.1
    assert wrong / total == pytest.approx(listener.held_out["cer"], abs=0.03)
    assert listener.held_out["clips"] == 12 and listener.held_out["labels"] == total


def test_what_was_not_said_is_not_heard(recognizer: Path, spoken: Path) -> None:
    listener = Listener(recognizer)
    rows = [line.split("|") for line in (spoken / "train.csv").read_text().splitlines()]
    found = listener.hear([sound_of(spoken / name) for name, _ in rows])
    expected = [listener.expected(text) for _, text in rows]
    others = [errors(e, n) / len(e) for e, n in zip(expected[1:], found, strict=False)]
    assert sum(others) / len(others) > 0.5


def test_a_stretch_and_a_stretch_are_the_whole(
    spoken: Path, tmp_path: Path, train_recognizer: Train
) -> None:
    class After(StopRequest):
        """Остановка после четырёх шагов."""

        left = 4

        def __bool__(self) -> bool:
            self.left -= 1
            if self.left < 0:
                self.signal = signal.SIGINT
            return self.left < 0

    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert train_recognizer(spoken, whole, **SMALL)[0] is ExitCode.OK
    code, said = train_recognizer(spoken, parts, stop=After(), **SMALL)
    assert code is ExitCode.INTERRUPTED and "stopped by SIGINT at iteration 4" in said
    code, said = train_recognizer(spoken, parts, **SMALL)
    assert code is ExitCode.OK and "continuing from" in said
    first, second = (checkpoint.read(path / "checkpoint_6") for path in (whole, parts))
    assert first["iteration"] == second["iteration"] == 6
    for name, tensor in first["state_dict"].items():
        assert torch.equal(tensor, second["state_dict"][name]), name
    assert first["held_out"] == second["held_out"]


def test_another_training_is_not_continued(
    spoken: Path, tmp_path: Path, train_recognizer: Train
) -> None:
    train_recognizer(spoken, tmp_path, **SMALL | {"epochs": 1})
    with pytest.raises(CheckpointError, match="options.seed was 1234 and is 5 now"):
        train_recognizer(spoken, tmp_path, **SMALL | {"epochs": 1, "seed": 5})


def test_a_finished_training_is_not_repeated(
    spoken: Path, tmp_path: Path, train_recognizer: Train
) -> None:
    train_recognizer(spoken, tmp_path, **SMALL | {"epochs": 1})
    best = (tmp_path / "best_model.ckpt").stat().st_mtime_ns
    code, said = train_recognizer(spoken, tmp_path, **SMALL | {"epochs": 1})
    assert code is ExitCode.OK and "error rate" in said
    assert (tmp_path / "best_model.ckpt").stat().st_mtime_ns == best


def test_a_clip_too_fast_for_its_letters_is_left_out(
    spoken: Path, tmp_path: Path, train_recognizer: Train
) -> None:
    lines = (spoken / "train.csv").read_text()
    listed = spoken / "fast" / "train.csv"
    listed.parent.mkdir()
    (listed.parent / "wavs").mkdir()
    for number in range(2):
        data = (spoken / "wavs" / f"{number}.wav").read_bytes()
        (listed.parent / "wavs" / f"{number}.wav").write_bytes(data)
    fast = "wavs/1.wav|" + "дом река " * 20
    listed.write_text(lines.splitlines()[0] + "\n" + fast + "\n")
    _, said = train_recognizer(listed.parent, tmp_path, **SMALL | {"epochs": 1})
    assert "train.csv: 1 clip(s) left out" in said
    listed.write_text(fast + "\n")
    with pytest.raises(DataError, match="no clip has letters and time enough"):
        train_recognizer(listed.parent, tmp_path / "none", **SMALL)


def test_silence_and_a_click_are_heard_as_nothing(recognizer: Path) -> None:
    import numpy as np

    from tts_framework.components import Sound

    listener = Listener(recognizer)
    click = Sound("click", np.ones(10, np.float32), 22050)
    empty = Sound("empty", np.zeros(0, np.float32), 16000)
    assert listener.hear([click, empty]) == [[], []]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "another"}, "is not a recognizer"),
        ({"options": {"channels": "many"}}, "options are damaged"),
        ({"labels": ["а"]}, "tensor classes.weight is"),
        ({"frontend": {}}, "is damaged"),
        ({"held_out": None}, "is damaged"),
        ({"state_dict": {}}, "is missing in state_dict"),
    ],
)
def test_what_is_not_a_recognizer_is_refused(
    recognizer: Path, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    saved = {**checkpoint.read(recognizer / "best_model.ckpt"), **changes}
    checkpoint.write(tmp_path / "best_model.ckpt", saved)
    with pytest.raises(CheckpointError, match=message):
        Listener(tmp_path)


def test_a_folder_without_a_recognizer_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="best_model.ckpt: no such checkpoint"):
        Listener(tmp_path)
