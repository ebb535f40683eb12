"""Сессия сверх контракта модели: длительности по меткам, EMA, свои метрики, отказы."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tts_framework.components import Sound, TrainingContext
from tts_framework.errors import CheckpointError, ConfigError
from tts_framework.testing.contents import rewritten, saved, unlike
from tts_framework.testing.sessions import StartSession, trained
from ttsf_fastspeech2 import FastSpeech2


def test_labels_averages_and_a_postnet_go_on_exactly(start: StartSession, tmp_path: Path) -> None:
    options = {"durations": "labels", "ema_decay": 0.9, "postnet": True}
    whole = trained(start(**options), 2)
    whole.save(tmp_path / "checkpoint_2")
    resumed = start(**options)
    resumed.load(tmp_path / "checkpoint_2")
    trained(whole, 2)
    trained(resumed, 2)
    assert resumed.evaluate() == whole.evaluate()
    assert not unlike(saved(resumed, tmp_path / "a"), saved(whole, tmp_path / "b"))


@pytest.mark.parametrize("durations", ["labels", "aligner"])
def test_it_measures_what_it_promises(start: StartSession, durations: str) -> None:
    session = trained(start(durations=durations), 1)
    measured = session.evaluate()
    assert set(measured) == set(FastSpeech2.metrics)
    assert all(0 < value < 1000 for value in measured.values())
    logged = session.progress()
    assert {"training.loss", "grad.norm", "learning.rate"} <= set(logged)
    assert ("training.alignment" in logged) == (durations == "aligner")


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
    start: StartSession, written: Path, options: dict[str, object], message: str
) -> None:
    sizes = {"encoder_layers": 1, "decoder_layers": 1, "filter_dim": 32, "predictor_dim": 16}
    if "sizes" in options:
        options = {"sizes": {**sizes, "aligner_dim": 8, "postnet_dim": 8, "hidden_dim": 32}}
    with pytest.raises(CheckpointError, match=message):
        start(**options).load(written)


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
    start: StartSession, written: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(CheckpointError, match=message):
        start().load(rewritten(written, **changes))


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
    after = trained(session, 150).evaluate()
    assert after["val_mel_loss"] < 0.35 * before["val_mel_loss"]
    assert after["val_duration_error"] < 0.2 * before["val_duration_error"]
    assert after["val_mcd"] < 0.5 * before["val_mcd"]


def test_pictures_and_a_sound_of_the_validation_clip(start: StartSession) -> None:
    shown = list(start(durations="aligner").media())
    tags = {item.tag for item in shown}
    assert tags == {"mel_target", "mel_predicted", "mel_free", "pitch", "alignment", "sample"}
    assert any(isinstance(item, Sound) for item in shown)
