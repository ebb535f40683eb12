"""Сессия: точное продолжение, повторяемость, оценка без следов, гиперпараметры на ходу."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from tts_framework.components import Picture, Session, Sound, TrainingContext
from tts_framework.errors import ConfigError
from tts_framework.events import Value
from tts_framework.training import checkpoint
from ttsf_hifigan import Hifigan

StartSession = Callable[..., Session]
CHANGES: list[dict[str, Value]] = [
    {"learning_rate": 0.02},
    {"discriminator_rate": 20.0},
    {"beta1": 0.1},
    {"beta2": 0.5},
    {"weight_decay": 50.0},
    {"lr_decay": 0.1},
    {"mel_weight": 0.0},
    {"fm_weight": 300.0},
    {"adversarial_weight": 300.0},
    {"segment_size": 512},
    {"grad_clip_thresh": 1e-6},
    {"batch_size": 2},
]


def train(session: Session, steps: int) -> Session:
    for _ in range(steps):
        session.step()
    return session


def saved(session: Session, path: Path) -> dict[str, Any]:
    session.save(path)
    return checkpoint.read(path)


def assert_same(left: Any, right: Any) -> None:
    """Сравни бит в бит."""
    assert type(left) is type(right)
    if isinstance(left, torch.Tensor):
        assert torch.equal(left, right)
    elif isinstance(left, dict):
        assert left.keys() == right.keys()
        for key in left:
            assert_same(left[key], right[key])
    else:
        assert left == right


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_n_steps_then_m_steps_equal_n_plus_m_steps(
    start: StartSession, tmp_path: Path, precision: str
) -> None:
    straight = train(start(precision=precision), 3)
    first = train(start(precision=precision), 2)
    first.save(tmp_path / "checkpoint_2")
    resumed = start(precision=precision)
    resumed.load(tmp_path / "checkpoint_2")
    assert resumed.iteration == 2
    train(resumed, 1)
    assert_same(saved(resumed, tmp_path / "a"), saved(straight, tmp_path / "b"))
    assert resumed.evaluate() == straight.evaluate()
    assert resumed.progress() == straight.progress()


def test_a_checkpoint_continues_its_own_order_under_another_seed(
    start: StartSession, context: TrainingContext, tmp_path: Path
) -> None:
    straight = train(start(), 3)
    straight.save(tmp_path / "checkpoint_3")
    train(straight, 2)
    resumed = start(replace(context, seed=99))
    resumed.load(tmp_path / "checkpoint_3")
    train(resumed, 2)
    assert resumed.evaluate() == straight.evaluate()


def test_the_same_seed_gives_the_same_metrics_and_another_seed_others(
    start: StartSession, context: TrainingContext
) -> None:
    one, two = train(start(), 2), train(start(), 2)
    other = train(start(replace(context, seed=8)), 2)
    assert one.progress() == two.progress() != other.progress()
    assert one.evaluate() == two.evaluate() != other.evaluate()


def test_evaluation_and_media_change_nothing(start: StartSession, tmp_path: Path) -> None:
    plain, watched = start(), start()
    for _ in range(2):
        train(plain, 1)
        train(watched, 1).evaluate()
        list(watched.media())
    assert watched.evaluate() == watched.evaluate()
    train(plain, 1)
    train(watched, 1)
    assert_same(saved(watched, tmp_path / "a"), saved(plain, tmp_path / "b"))


def test_evaluation_returns_the_declared_metrics(start: StartSession) -> None:
    metrics = start().evaluate()
    assert set(metrics) == set(Hifigan.metrics)
    assert all(math.isfinite(value) and value >= 0 for value in metrics.values())
    expected = math.sqrt(metrics["val_mrstft_v1"] * metrics["val_periodicity_v1"])
    assert metrics["val_loss"] == metrics["val_sound_v1"] == pytest.approx(expected)


def test_progress_names_every_part_of_the_loss(start: StartSession) -> None:
    values = train(start(), 1).progress()
    total = (
        45 * values["training.mel"]
        + 2 * values["training.feature_matching"]
        + values["training.adversarial"]
    )
    assert values["training.loss"] == pytest.approx(total, rel=1e-5)
    assert values["learning.rate"] == 2e-4
    assert values["training.discriminator"] > 0 < values["grad.norm"]


def test_the_rate_decays_once_an_epoch(start: StartSession) -> None:
    session = train(start(lr_decay=0.5), 7)  # 21 отрезок из 7 клипов: три эпохи
    assert session.progress()["learning.rate_decayed"] == pytest.approx(2e-4 * 0.5**3)


@pytest.mark.parametrize("hparams", CHANGES, ids=lambda hparams: next(iter(hparams)))
def test_every_tunable_acts_on_the_next_steps_and_not_on_the_weights(
    start: StartSession, tmp_path: Path, hparams: dict[str, Value]
) -> None:
    changed, kept = train(start(), 3), start()  # три шага: началась вторая эпоха
    before = saved(changed, tmp_path / "before")["state_dict"]
    kept.load(tmp_path / "before")
    changed.apply(hparams)
    assert_same(saved(changed, tmp_path / "after")["state_dict"], before)
    train(changed, 1)
    train(kept, 1)
    ours, theirs = saved(changed, tmp_path / "a"), saved(kept, tmp_path / "b")
    weights = [{**state["state_dict"], **state["mpd"]} for state in (ours, theirs)]
    assert any(not torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_every_tunable_is_tried_above() -> None:
    tried = {name for hparams in CHANGES for name in hparams}
    assert tried == {*Hifigan.Config.tunables(), "batch_size"}


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
    train(session, 3)
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
