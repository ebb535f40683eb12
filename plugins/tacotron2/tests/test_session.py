"""Сессия сверх контракта модели: bf16, свои метрики, отказы, обучение на крайних выборках."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from tts_framework.components import TrainingContext
from tts_framework.errors import ConfigError, DataError
from tts_framework.events import Value
from tts_framework.testing.contents import saved, unlike
from tts_framework.testing.sessions import StartSession, trained
from ttsf_tacotron2 import Tacotron2


def test_half_precision_continues_exactly_and_under_another_seed(
    start: StartSession, context: TrainingContext, tmp_path: Path
) -> None:
    straight = trained(start(precision="bf16"), 2)
    straight.save(tmp_path / "checkpoint_2")
    resumed = start(replace(context, seed=99), precision="bf16")
    resumed.load(tmp_path / "checkpoint_2")
    trained(straight, 2)
    trained(resumed, 2)
    assert not unlike(saved(resumed, tmp_path / "a"), saved(straight, tmp_path / "b"))
    other = trained(start(replace(context, seed=99), precision="bf16"), 2)
    assert other.evaluate() != straight.evaluate()


def test_new_values_are_saved_and_touch_neither_weights_nor_moments(
    start: StartSession, tmp_path: Path
) -> None:
    session = trained(start(), 1)
    before = saved(session, tmp_path / "before")
    values = {name: 0.2 for name in Tacotron2.Config.tunables()}
    session.apply({**values, "batch_size": 2})
    after = saved(session, tmp_path / "after")
    assert not unlike(after["state_dict"], before["state_dict"])
    assert not unlike(after["optimizer"]["state"], before["optimizer"]["state"])
    assert after["hparams"] == {**before["hparams"], **values, "batch_size": 2}


def test_evaluation_returns_the_declared_metrics(start: StartSession) -> None:
    metrics = start().evaluate()
    assert list(metrics) == [name for name in Tacotron2.metrics if name in metrics]
    assert set(Tacotron2.metrics) - set(metrics) == {"style_entropy", "style_spread"}
    assert metrics["val_loss"] == pytest.approx(
        metrics["val_mel"] + metrics["val_mel_post"] + metrics["val_gate"]
    )
    assert 0 <= metrics["attention_diagonality"] <= 1
    assert 0 <= metrics["attention_coverage"] <= 1


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
    assert trained(session, 2).progress() == trained(untouched, 2).progress()


def test_progress_averages_since_the_last_call(start: StartSession) -> None:
    whole, halves = start(), start()
    first = trained(halves, 2).progress()
    second = trained(halves, 2).progress()
    both = trained(whole, 4).progress()
    for name in ("training.loss", "grad.norm"):
        assert both[name] == pytest.approx((first[name] + second[name]) / 2, rel=1e-5)
    assert both["learning.rate"] == 1e-3
    assert set(whole.progress()) == {"learning.rate"}


def test_a_loss_that_is_not_a_number_stays_visible(start: StartSession) -> None:
    session = trained(start(learning_rate=1e30, precision="fp32"), 4)
    assert not math.isfinite(session.progress()["training.loss"])
    assert not math.isfinite(session.evaluate()["val_loss"])


def test_guidance_fades_to_nothing(start: StartSession) -> None:
    session = start(guided_attention_hold=1, guided_attention_end=3)
    assert trained(session, 1).progress()["training.guided_attention"] > 0
    assert "training.guided_attention" not in trained(session, 3).progress()


def test_one_clip_and_a_batch_of_many_still_train(
    start: StartSession, context: TrainingContext, tmp_path: Path
) -> None:
    line = context.train.read_text("utf-8").splitlines()[0]
    only = tmp_path / "one.csv"
    only.write_text(f"{context.train.parent}/{line}\n", "utf-8")
    session = start(
        replace(context, train=only, validation=only, batch_size=64, allow_outside=True)
    )
    assert math.isfinite(trained(session, 2).progress()["training.loss"])
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
