"""Сессия: точное продолжение, повторяемость, оценка без следов, гиперпараметры на ходу."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tts_framework.components import Session, TrainingContext
from tts_framework.errors import ConfigError, DataError
from tts_framework.events import Value
from tts_framework.training import checkpoint
from ttsf_tacotron2 import Tacotron2

StartSession = Callable[..., Session]
CHANGES: list[dict[str, Value]] = [
    {"learning_rate": 0.02},
    {"weight_decay": 0.5},
    {"dropout_decoder": 0.7},
    {"dropout_attention": 0.7},
    {"grad_clip_thresh": 1e-6},
    {"guided_attention_weight": 0.0},
    {"gate_positive_weight": 30.0},
    {"drop_frame_rate": 0.4},
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
    straight = train(start(precision=precision), 7)
    first = train(start(precision=precision), 4)
    first.save(tmp_path / "checkpoint_4")
    resumed = start(precision=precision)
    resumed.load(tmp_path / "checkpoint_4")
    assert resumed.iteration == 4
    train(resumed, 3)
    assert_same(saved(resumed, tmp_path / "a"), saved(straight, tmp_path / "b"))
    assert resumed.evaluate() == straight.evaluate()
    assert resumed.progress() == straight.progress()


def test_a_checkpoint_continues_its_own_randomness_under_another_seed(
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
    one, two = train(start(), 3), train(start(), 3)
    other = train(start(replace(context, seed=8)), 3)
    assert one.progress() == two.progress() != other.progress()
    assert one.evaluate() == two.evaluate() != other.evaluate()


def test_evaluation_and_media_change_nothing(start: StartSession, tmp_path: Path) -> None:
    plain, watched = start(), start()
    for _ in range(3):
        train(plain, 1)
        train(watched, 1).evaluate()
        list(watched.media())
    assert watched.evaluate() == watched.evaluate()
    train(plain, 1)
    train(watched, 1)
    assert_same(saved(watched, tmp_path / "a"), saved(plain, tmp_path / "b"))


def test_evaluation_returns_the_declared_metrics(start: StartSession) -> None:
    metrics = start().evaluate()
    assert list(metrics) == [name for name in Tacotron2.metrics if name in metrics]
    assert set(Tacotron2.metrics) - set(metrics) == {"style_entropy", "style_spread"}
    assert metrics["val_loss"] == pytest.approx(
        metrics["val_mel"] + metrics["val_mel_post"] + metrics["val_gate"]
    )
    assert 0 <= metrics["attention_diagonality"] <= 1
    assert 0 <= metrics["attention_coverage"] <= 1


@pytest.mark.parametrize("hparams", CHANGES, ids=lambda hparams: next(iter(hparams)))
def test_every_tunable_acts_on_the_next_steps_and_not_on_the_weights(
    start: StartSession, tmp_path: Path, hparams: dict[str, Value]
) -> None:
    changed, kept = train(start(), 2), train(start(), 2)
    before = saved(changed, tmp_path / "before")
    changed.apply(hparams)
    after = saved(changed, tmp_path / "after")
    assert_same(after["state_dict"], before["state_dict"])
    assert_same(after["optimizer"]["state"], before["optimizer"]["state"])
    assert after["hparams"] == {**before["hparams"], **hparams}
    assert_same(changed.evaluate(), kept.evaluate())
    train(changed, 2)
    train(kept, 2)
    assert changed.evaluate() != kept.evaluate()


def test_every_declared_tunable_is_covered_by_the_test_above() -> None:
    named = {name for hparams in CHANGES for name in hparams}
    assert named == {*Tacotron2.Config.tunables(), "batch_size"}


@pytest.mark.parametrize(
    ("hparams", "message"),
    [
        ({"learning_rate": -1.0}, "hparams.learning_rate: -1.0 is not above 0"),
        ({"lerning_rate": 0.1}, "hparams.lerning_rate: .*did you mean 'learning_rate'"),
        ({"reduction_factor": 2}, "hparams.reduction_factor: .*cannot change"),
        ({"batch_size": 0}, "hparams.batch_size: 0"),
        ({"batch_size": 2.5}, "hparams.batch_size: 2.5"),
    ],
)
def test_a_bad_value_is_refused_and_nothing_changes(
    start: StartSession, hparams: dict[str, Value], message: str
) -> None:
    session, untouched = start(), start()
    with pytest.raises(ConfigError, match=message):
        session.apply({"dropout_decoder": 0.4, **hparams})
    assert train(session, 2).progress() == train(untouched, 2).progress()


def test_progress_averages_since_the_last_call(start: StartSession) -> None:
    whole, halves = start(), start()
    first = train(halves, 2).progress()
    second = train(halves, 2).progress()
    both = train(whole, 4).progress()
    for name in ("training.loss", "grad.norm"):
        assert both[name] == pytest.approx((first[name] + second[name]) / 2, rel=1e-5)
    assert both["learning.rate"] == 1e-3
    assert set(whole.progress()) == {"learning.rate"}


def test_a_loss_that_is_not_a_number_stays_visible(start: StartSession) -> None:
    session = train(start(learning_rate=1e30, precision="fp32"), 4)
    assert not math.isfinite(session.progress()["training.loss"])
    assert not math.isfinite(session.evaluate()["val_loss"])


def test_guidance_fades_to_nothing(start: StartSession) -> None:
    session = start(guided_attention_hold=1, guided_attention_end=3)
    assert train(session, 1).progress()["training.guided_attention"] > 0
    assert "training.guided_attention" not in train(session, 3).progress()


def test_one_clip_and_a_batch_of_many_still_train(
    start: StartSession, context: TrainingContext, tmp_path: Path
) -> None:
    line = context.train.read_text("utf-8").splitlines()[0]
    only = tmp_path / "one.csv"
    only.write_text(f"{context.train.parent}/{line}\n", "utf-8")
    session = start(
        replace(context, train=only, validation=only, batch_size=64, allow_outside=True)
    )
    assert math.isfinite(train(session, 2).progress()["training.loss"])
    assert math.isfinite(session.evaluate()["val_loss"])


def test_an_empty_list_of_clips_is_named(
    start: StartSession, context: TrainingContext, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("\n", "utf-8")
    with pytest.raises(DataError, match="empty.csv"):
        start(replace(context, train=empty))


@pytest.mark.parametrize("device", ["tpu9000", "cuda:99", "cpu:1", "meta"])
def test_an_unknown_device_is_named(
    start: StartSession, context: TrainingContext, device: str
) -> None:
    with pytest.raises(ConfigError, match=f"trainer.device: '{device}'"):
        start(replace(context, device=device))


def test_closing_twice_is_harmless(start: StartSession) -> None:
    session = train(start(), 1)
    session.close()
    session.close()
