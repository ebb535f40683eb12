"""Чекпоинты сессии: отказ от чужого, повреждённого и опасного."""

from __future__ import annotations

import pickle
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tts_framework.components import TrainingContext
from tts_framework.errors import CheckpointError
from tts_framework.testing.contents import rewritten, unlike
from tts_framework.testing.sessions import StartSession
from tts_framework.training import checkpoint


def test_it_holds_the_common_keys_and_all_a_voice_needs(written: Path) -> None:
    state = checkpoint.read(written)
    assert {"iteration", "state_dict", "optimizer", "learning_rate"} < set(state)
    assert {"mpd", "msd", "optimizer_d", "sampler"} < set(state)
    assert state["model"]["use"] == "hifigan"
    assert state["audio"]["hop_length"] == 128
    assert state["hparams"]["batch_size"] == 3


def test_the_values_of_the_session_win_over_those_in_the_file(
    start: StartSession, context: TrainingContext, written: Path
) -> None:
    session = start(replace(context, batch_size=2), learning_rate=0.004)
    session.load(written)
    assert session.progress()["learning.rate"] == 0.004
    session.save(written)
    assert checkpoint.read(written)["hparams"]["batch_size"] == 2


def test_a_warm_start_takes_the_weights_alone(start: StartSession, written: Path) -> None:
    session = start()
    session.load(written, warm_start=True)
    assert session.iteration == 0
    session.save(written.with_name("warm"))
    warm, source = checkpoint.read(written.with_name("warm")), checkpoint.read(written)
    for key in ("state_dict", "mpd", "msd"):
        assert not unlike(warm[key], source[key])
    assert all(m["step"] == 0 for m in warm["optimizer"]["state"].values())
    assert warm["sampler"]["position"] == 0


def test_a_warm_start_without_discriminators_says_so(
    start: StartSession, context: TrainingContext, written: Path
) -> None:
    said: list[str] = []
    session = start(replace(context, warn=said.append))
    session.load(rewritten(written, mpd=None, msd=None), warm_start=True)
    assert ["has no mpd" in said[0], "has no msd" in said[1]] == [True, True]


def test_other_clips_start_a_new_epoch(
    start: StartSession, context: TrainingContext, written: Path
) -> None:
    said: list[str] = []
    other = replace(context, train=context.validation, warn=said.append)
    session = start(other)
    session.load(written)
    session.step()
    assert "the training clips changed" in said[0]


@pytest.mark.parametrize("warm", [False, True])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mpd_periods": [2, 5]}, r"model.mpd_periods is \(2, 3\) in the checkpoint"),
        ({"discriminator_width": 1 / 8}, "model.discriminator_width is 0.0625"),
        ({"preset": "v1"}, "model.resblock is 2 in the checkpoint and 1 here"),
    ],
)
def test_other_networks_are_refused_by_name(
    start: StartSession, written: Path, options: dict[str, Any], message: str, warm: bool
) -> None:
    with pytest.raises(CheckpointError, match=message):
        start(**options).load(written, warm_start=warm)


def test_other_audio_settings_are_refused_by_name(
    start: StartSession, context: TrainingContext, written: Path
) -> None:
    audio = context.audio.model_copy(update={"mel_fmin": 20.0})
    with pytest.raises(CheckpointError, match="data.audio.mel_fmin is 0.0 .* 20.0 here"):
        start(replace(context, audio=audio)).load(written)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": {"use": "vits"}}, "model is 'vits', not 'hifigan'"),
        ({"model": None, "generator": {}}, "ttsf models import"),
        ({"model": {"use": "hifigan", "preset": "v9"}}, "model.preset"),
        ({"audio": None}, "audio None is damaged"),
        ({"state_dict": None}, "state_dict is missing"),
        ({"mpd": None}, "mpd is missing"),
        ({"optimizer": None}, "optimizer does not fit"),
        ({"optimizer_d": {"state": {0: {}}}}, "optimizer_d does not fit"),
        ({"iteration": -1}, "iteration is -1"),
        ({"iteration": True}, "iteration is True"),
        ({"sampler": {"seed": "x"}}, "sampler: .* is not a place"),
        ({"progress": {"sums": 3}}, "progress is"),
    ],
)
def test_damaged_sections_are_named(
    start: StartSession, written: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(CheckpointError, match=message):
        start().load(rewritten(written, **changes))


def test_tensors_of_another_shape_or_value_are_refused(start: StartSession, written: Path) -> None:
    weights = checkpoint.read(written)["state_dict"]
    for name, tensor, message in (
        ("conv_pre.bias", torch.zeros(7), r"conv_pre.bias is \[7\] in the checkpoint and \[32\]"),
        ("conv_pre.bias", torch.full((32,), float("nan")), "conv_pre.bias holds NaN"),
        ("extra", torch.zeros(1), "tensor extra is unknown"),
    ):
        with pytest.raises(CheckpointError, match=message):
            start().load(rewritten(written, state_dict={**weights, name: tensor}))


class _Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("executed"),)


def test_hostile_files_are_refused_and_nothing_is_executed(
    start: StartSession, written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written.parent
    monkeypatch.chdir(folder)
    torch.save({"state_dict": _Bomb()}, folder / "zipped")
    (folder / "pickled").write_bytes(pickle.dumps({"state_dict": _Bomb()}))
    (folder / "truncated").write_bytes(written.read_bytes()[: written.stat().st_size // 2])
    with zipfile.ZipFile(folder / "bomb", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(10**7))
    session = start()
    for name, message in (
        ("zipped", "it was not executed"),
        ("pickled", "it was not executed|damaged"),
        ("truncated", "truncated or damaged|is not a checkpoint"),
        ("bomb", "unpacks to"),
    ):
        with pytest.raises(CheckpointError, match=message):
            session.load(folder / name)
    assert not (folder / "executed").exists()
