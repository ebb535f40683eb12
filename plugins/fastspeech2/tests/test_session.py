"""Сессия: шаги, оценка, точное продолжение, гиперпараметры на ходу."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tts_framework.components import Session, Sound, TrainingContext
from tts_framework.errors import CheckpointError, ConfigError
from tts_framework.training import checkpoint
from ttsf_fastspeech2 import FastSpeech2

StartSession = Callable[..., Session]
SOURCES = ("labels", "aligner")


def weights(session: Session, path: Path) -> dict[str, torch.Tensor]:
    session.save(path)
    found: dict[str, torch.Tensor] = checkpoint.read(path)["state_dict"]
    return found


@pytest.mark.parametrize("durations", SOURCES)
def test_going_on_from_a_checkpoint_is_exact(
    start: StartSession, tmp_path: Path, durations: str
) -> None:
    options = {"durations": durations, "ema_decay": 0.9, "postnet": True, "binarization_start": 1}
    whole = start(**options)
    for _ in range(2):
        whole.step()
    whole.save(tmp_path / "2")
    whole.evaluate()
    list(whole.media())
    for _ in range(3):
        whole.step()
    resumed = start(**options)
    resumed.load(tmp_path / "2")
    assert resumed.iteration == 2
    for _ in range(3):
        resumed.step()
    assert resumed.progress() == whole.progress()
    assert resumed.evaluate() == whole.evaluate()
    one, other = weights(whole, tmp_path / "a"), weights(resumed, tmp_path / "b")
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("durations", SOURCES)
def test_it_measures_what_it_promises(start: StartSession, durations: str) -> None:
    session = start(durations=durations)
    session.step()
    measured = session.evaluate()
    assert set(measured) == set(FastSpeech2.metrics)
    assert all(0 < value < 1000 for value in measured.values())
    logged = session.progress()
    assert {"training.loss", "grad.norm", "learning.rate"} <= set(logged)
    assert ("training.alignment" in logged) == (durations == "aligner")


def test_the_evaluation_repeats_itself_and_ignores_hyperparameters(start: StartSession) -> None:
    session = start(dropout=0.3)
    first = session.evaluate()
    session.apply({"batch_size": 2, "pitch_weight": 5.0, "dropout": 0.0})
    assert session.evaluate() == pytest.approx(first, rel=1e-12)


def test_new_values_take_effect(start: StartSession, tmp_path: Path) -> None:
    session = start()
    before = weights(session, tmp_path / "a")
    session.apply({"learning_rate": 1e-12, "weight_decay": 0.0, "batch_size": 2})
    session.step()
    assert session.progress()["learning.rate"] == 1e-12
    after = weights(session, tmp_path / "b")
    assert all(torch.allclose(before[name], after[name], atol=1e-9) for name in before)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"learning_rate": -1}, "learning_rate"),
        ({"preset": "base"}, "cannot change it during training"),
        ({"batch_size": 0}, "at least 1"),
    ],
)
def test_bad_values_change_nothing(
    start: StartSession, values: dict[str, float], message: str
) -> None:
    session = start()
    with pytest.raises(ConfigError, match=message):
        session.apply(values)
    session.step()
    assert session.progress()["learning.rate"] == 3e-3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sizes": {"hidden_dim": 32}}, "model.hidden_dim is 16 in the checkpoint and 32"),
        ({"durations": "aligner"}, "durations: aligner"),
        ({"postnet": True}, "model.postnet"),
    ],
)
def test_another_network_is_refused(
    start: StartSession, tmp_path: Path, options: dict[str, object], message: str
) -> None:
    start().save(tmp_path / "0")
    sizes = {"encoder_layers": 1, "decoder_layers": 1, "filter_dim": 32, "predictor_dim": 16}
    if "sizes" in options:
        options = {"sizes": {**sizes, "aligner_dim": 8, "postnet_dim": 8, "hidden_dim": 32}}
    with pytest.raises(CheckpointError, match=message):
        start(**options).load(tmp_path / "0")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"iteration": -1}, "iteration is -1"),
        ({"sampler": 3}, "sampler"),
        ({"optimizer": {"state": {0: 1}}}, "optimizer state does not fit"),
        ({"progress": {"sums": torch.zeros(2), "count": 1}}, "progress"),
        ({"symbols": ["_"]}, "has 1 symbols"),
        ({"model": {"use": "tacotron2"}}, "model is 'tacotron2'"),
        ({"state_dict": {}}, "is missing in state_dict"),
        ({"audio": {"hop_length": 1}}, "data.audio"),
    ],
)
def test_a_damaged_checkpoint_is_refused(
    start: StartSession, tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    session = start()
    session.save(tmp_path / "0")
    state = {**checkpoint.read(tmp_path / "0"), **changes}
    checkpoint.write(tmp_path / "bad", state)
    with pytest.raises(CheckpointError, match=message):
        session.load(tmp_path / "bad")


def test_a_warm_start_takes_the_weights_alone(start: StartSession, tmp_path: Path) -> None:
    session = start()
    session.step()
    before = weights(session, tmp_path / "1")
    warm = start()
    warm.load(tmp_path / "1", warm_start=True)
    assert warm.iteration == 0
    after = weights(warm, tmp_path / "2")
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_one_clip_is_learnt_by_heart(
    start: StartSession, context: TrainingContext, tmp_path: Path
) -> None:
    shortest = min(context.train.read_text("utf-8").splitlines(), key=len)
    only = tmp_path / "one.csv"
    only.write_text(f"{context.train.parent}/{shortest}\n", "utf-8")
    alone = replace(context, train=only, validation=only, batch_size=1, allow_outside=True)
    session = start(
        alone, sizes={}, durations="labels", dropout=0.0, dropout_predictor=0.0, warmup=20
    )
    before = session.evaluate()
    for _ in range(150):
        session.step()
    after = session.evaluate()
    assert after["val_mel_loss"] < 0.35 * before["val_mel_loss"]
    assert after["val_duration_error"] < 0.2 * before["val_duration_error"]
    assert after["val_mcd"] < 0.5 * before["val_mcd"]


def test_pictures_and_a_sound_of_the_validation_clip(start: StartSession) -> None:
    shown = list(start(durations="aligner").media())
    tags = {item.tag for item in shown}
    assert tags == {"mel_target", "mel_predicted", "mel_free", "pitch", "alignment", "sample"}
    assert any(isinstance(item, Sound) for item in shown)
