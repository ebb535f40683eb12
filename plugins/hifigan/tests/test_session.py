"""Сессия сверх контракта модели: bf16, свои метрики и скаляры, отказы, звуки журнала."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tts_framework.components import Picture, Sound, TrainingContext
from tts_framework.errors import ConfigError
from tts_framework.events import Value
from tts_framework.testing.contents import saved, unlike
from tts_framework.testing.sessions import StartSession, trained
from ttsf_hifigan import Hifigan


def test_half_precision_continues_exactly_and_under_another_seed(
    start: StartSession, context: TrainingContext, tmp_path: Path
) -> None:
    straight = trained(start(precision="bf16"), 2)
    straight.save(tmp_path / "checkpoint_2")
    resumed = start(replace(context, seed=99), precision="bf16")
    resumed.load(tmp_path / "checkpoint_2")
    trained(straight, 1)
    trained(resumed, 1)
    assert not unlike(saved(resumed, tmp_path / "a"), saved(straight, tmp_path / "b"))


def test_new_values_touch_neither_weights_nor_moments(start: StartSession, tmp_path: Path) -> None:
    session = trained(start(), 1)
    before = saved(session, tmp_path / "before")
    session.apply({"learning_rate": 0.02, "beta1": 0.1, "mel_weight": 0.0, "batch_size": 2})
    after = saved(session, tmp_path / "after")
    for part in ("state_dict", "mpd", "msd"):
        assert not unlike(after[part], before[part])
    for part in ("optimizer", "optimizer_d"):
        assert not unlike(after[part]["state"], before[part]["state"])


def test_evaluation_returns_the_declared_metrics(start: StartSession) -> None:
    metrics = start().evaluate()
    assert set(metrics) == set(Hifigan.metrics)
    assert all(math.isfinite(value) and value >= 0 for value in metrics.values())
    expected = math.sqrt(metrics["val_mrstft_v1"] * metrics["val_periodicity_v1"])
    assert metrics["val_loss"] == metrics["val_sound_v1"] == pytest.approx(expected)


def test_progress_names_every_part_of_the_loss(start: StartSession) -> None:
    values = trained(start(), 1).progress()
    total = (
        45 * values["training.mel"]
        + 2 * values["training.feature_matching"]
        + values["training.adversarial"]
    )
    assert values["training.loss"] == pytest.approx(total, rel=1e-5)
    assert values["learning.rate"] == 2e-4
    assert values["training.discriminator"] > 0 < values["grad.norm"]


def test_the_rate_decays_once_an_epoch(start: StartSession) -> None:
    session = trained(start(lr_decay=0.5), 7)  # 21 отрезок из 7 клипов: три эпохи
    assert session.progress()["learning.rate_decayed"] == pytest.approx(2e-4 * 0.5**3)


@pytest.mark.parametrize(
    ("hparams", "message"),
    [
        ({"preset": "v1"}, "hparams.preset: hifigan cannot change it"),
        ({"mel_wieght": 1.0}, "did you mean 'mel_weight'"),
        ({"learning_rate": -1.0}, "hparams.learning_rate"),
        ({"batch_size": 0}, "hparams.batch_size"),
        ({"segment_size": 256}, "model.segment_size: 256 .* use more than 256"),
    ],
)
def test_bad_values_are_refused(
    start: StartSession, hparams: dict[str, Value], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        start().apply(hparams)


def test_upsampling_that_is_not_the_hop_is_refused(
    start: StartSession, context: TrainingContext
) -> None:
    audio = context.audio.model_copy(update={"hop_length": 160})
    with pytest.raises(ConfigError, match="8 x 4 x 4 = 128, but data.audio.hop_length is 160"):
        start(replace(context, audio=audio))


def test_a_diverged_session_does_not_hide_it(start: StartSession) -> None:
    session = start(learning_rate=1e12)
    trained(session, 3)
    assert not all(math.isfinite(value) for value in session.progress().values())


def test_the_media_are_the_fixed_clip(
    start: StartSession, context: TrainingContext, corpus: Path
) -> None:
    items = list(start().media())
    assert [item.tag for item in items] == [
        "mel_target",
        "mel_predicted",
        "mel_error",
        "target",
        "sample",
    ]
    assert all(item.pixels.ndim == 3 for item in items if isinstance(item, Picture))
    sounds = [item for item in items if isinstance(item, Sound)]
    assert all(sound.sampling_rate == 8000 for sound in sounds)
    wav = corpus / (corpus / "validation.csv").read_text().split("|")[0]
    real, _ = soundfile.read(wav, dtype="float32")
    assert np.array_equal(sounds[0].samples, real[: len(sounds[0].samples)])
