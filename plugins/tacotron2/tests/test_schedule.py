"""Расписание reduction factor и скользящее среднее весов: точное продолжение через переход."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError

from tts_framework.components import Session
from tts_framework.errors import CheckpointError
from tts_framework.training import checkpoint
from tts_framework.training.averaging import Average
from ttsf_tacotron2 import Tacotron2 as Plugin
from ttsf_tacotron2.network import Tacotron2
from ttsf_tacotron2.resizing import change_reduction_factor
from ttsf_tacotron2.sizes import PRESETS

StartSession = Callable[..., Session]
SCHEDULE: dict[str, Any] = {
    "reduction_schedule": [[0, 6], [2, 3], [4, 2]],
    "reduction_factor": 2,
}


def train(session: Session, steps: int) -> Session:
    for _ in range(steps):
        session.step()
    return session


def build(reduction_factor: int) -> Tacotron2:
    torch.manual_seed(1)
    return Tacotron2(PRESETS["tiny"], 30, reduction_factor, dropout_prenet=0.0).eval()


@pytest.mark.parametrize(("old", "new"), [(6, 3), (3, 2), (5, 1), (2, 5), (1, 2)])
def test_a_network_hears_and_says_the_same_of_a_steady_sound(old: int, new: int) -> None:
    net = build(old)
    steady = torch.randn(80)
    before = net.decoder.prenet(steady.repeat(old), 0.0)
    projection = net.decoder.linear_projection.linear_layer
    seen = torch.randn(projection.in_features)
    first = projection(seen)[:80]
    change_reduction_factor(net, new)
    assert (net.reduction_factor, net.decoder.reduction_factor) == (new, new)
    torch.testing.assert_close(net.decoder.prenet(steady.repeat(new), 0.0), before)
    torch.testing.assert_close(projection(seen)[:80], first)
    text, lengths = torch.randint(1, 30, (2, 5)), torch.tensor([5, 3])
    outputs = net(text, lengths, torch.randn(2, 80, 13), torch.tensor([13, 9]))
    assert outputs.mel.shape[2] == -(-13 // new) * new


def test_prenet_listens_to_the_last_frames() -> None:
    net = build(6)
    column = net.decoder.prenet.layers[0].linear_layer.weight.view(-1, 6, 80).clone()
    change_reduction_factor(net, 2)
    kept = net.decoder.prenet.layers[0].linear_layer.weight.view(-1, 2, 80)
    torch.testing.assert_close(kept[:, 1], column[:, 5])
    torch.testing.assert_close(kept[:, 0], column[:, :5].sum(1))


@pytest.mark.parametrize("stop", [1, 2, 3, 4, 5])
def test_training_continues_exactly_across_the_changes(
    start: StartSession, tmp_path: Path, stop: int
) -> None:
    options = {**SCHEDULE, "ema_decay": 0.9, "mmi": True}
    straight = train(start(**options), 6)
    train(first := start(**options), stop).save(tmp_path / "stopped")
    (resumed := start(**options)).load(tmp_path / "stopped")
    assert resumed.evaluate() == first.evaluate()
    train(resumed, 6 - stop)
    assert resumed.evaluate() == straight.evaluate()
    for session, name in ((straight, "a"), (resumed, "b")):
        session.save(tmp_path / name)
    a, b = checkpoint.read(tmp_path / "a"), checkpoint.read(tmp_path / "b")
    assert a["reduction_factor"] == b["reduction_factor"] == 2
    for part in ("state_dict", "ema"):
        assert all(torch.equal(a[part][name], b[part][name]) for name in a[part])
    for number, moments in a["optimizer"]["state"].items():
        for name, tensor in moments.items():
            assert torch.equal(tensor, b["optimizer"]["state"][number][name])


def test_each_step_uses_the_factor_of_its_iteration(start: StartSession) -> None:
    session = start(**SCHEDULE)
    factors = []
    for _ in range(6):
        train(session, 1)
        factors.append(session._network.reduction_factor)
    assert factors == [6, 6, 3, 3, 2, 2]


@pytest.mark.filterwarnings("ignore:the model did not stop")
def test_a_voice_speaks_from_the_middle_of_a_schedule(start: StartSession, tmp_path: Path) -> None:
    train(start(**SCHEDULE, max_decoder_steps=5), 3).save(tmp_path / "middle")
    mel = Plugin.voice(tmp_path / "middle")("Привет!")
    assert mel.frames.shape[1] % 3 == 0


def test_a_checkpoint_of_the_middle_is_not_continued_without_the_schedule(
    start: StartSession, tmp_path: Path
) -> None:
    train(start(**SCHEDULE), 1).save(tmp_path / "early")
    with pytest.raises(CheckpointError, match="reduction_factor is 6 in the checkpoint and 2 here"):
        start(reduction_factor=2).load(tmp_path / "early")


@pytest.mark.parametrize("value", [0, 21, 2.5, True, "six", None])
def test_a_damaged_factor_is_named(start: StartSession, tmp_path: Path, value: Any) -> None:
    path = tmp_path / "written"
    train(start(**SCHEDULE), 1).save(path)
    checkpoint.write(path, {**checkpoint.read(path), "reduction_factor": value})
    with pytest.raises(CheckpointError, match="reduction_factor is"):
        start(**SCHEDULE).load(path)
    with pytest.raises(CheckpointError, match="reduction_factor is"):
        Plugin.voice(path)


def test_the_final_factor_comes_from_the_schedule() -> None:
    config = Plugin.Config(reduction_schedule=[[0, 6], [2000, 3]])
    assert config.reduction_factor == 3
    assert [config.reduction_at(n) for n in (0, 1999, 2000, 10**9)] == [6, 6, 3, 3]
    assert Plugin.Config(reduction_factor=4).reduction_at(5) == 4


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ([[5, 3]], "must start at 0 and grow"),
        ([[0, 3], [0, 2]], "must start at 0 and grow"),
        ([[0, 3], [5, 4]], "must fall"),
        ([[0, 30], [5, 4]], "within 1 and 20"),
        ([[0, 3], [5, 0]], "greater than or equal to 1"),
        ([[0]], "reduction_schedule"),
        ("fast", "reduction_schedule"),
        ({"a": 1}, "reduction_schedule"),
    ],
)
def test_bad_schedules_are_named(schedule: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Plugin.Config.model_validate({"reduction_schedule": schedule})


def test_a_factor_that_contradicts_the_schedule_is_named() -> None:
    with pytest.raises(ValidationError, match="ends with 2, reduction_factor is 4"):
        Plugin.Config(reduction_schedule=[[0, 6], [9, 2]], reduction_factor=4)


def test_the_average_follows_its_formula() -> None:
    net = build(1)
    average = Average(net, 0.5)
    name = "decoder.gate_layer.linear_layer.bias"
    expected = net.state_dict()[name].clone()
    for n in range(8):
        with torch.no_grad():
            net.state_dict()[name].add_(1.0)
        average.update(net)
        decay = min(0.5, (1 + n) / (10 + n))
        expected = decay * expected + (1 - decay) * net.state_dict()[name]
    torch.testing.assert_close(average.network.state_dict()[name], expected)


@pytest.mark.filterwarnings("ignore:the model did not stop")
def test_evaluation_and_the_voice_use_the_average(start: StartSession, tmp_path: Path) -> None:
    plain, averaged = train(start(learning_rate=0.05), 4), train(
        start(learning_rate=0.05, ema_decay=0.99), 4
    )
    assert plain.evaluate() != averaged.evaluate()
    assert plain.progress() == averaged.progress()
    averaged.save(tmp_path / "whole")
    saved = checkpoint.read(tmp_path / "whole")
    assert not torch.equal(
        saved["ema"]["embedding.weight"], saved["state_dict"]["embedding.weight"]
    )
    swapped = {name: value for name, value in saved.items() if name != "ema"}
    checkpoint.write(tmp_path / "swapped", {**swapped, "state_dict": saved["ema"]})
    first, second = (Plugin.voice(tmp_path / name)("Да!").frames for name in ("whole", "swapped"))
    assert (first == second).all()


def test_an_average_begins_with_the_weights_of_a_checkpoint_without_one(
    start: StartSession, tmp_path: Path
) -> None:
    train(start(), 2).save(tmp_path / "plain")
    plain, averaged = start(), start(ema_decay=0.99)
    for session in (plain, averaged):
        session.load(tmp_path / "plain")
    assert plain.evaluate() == averaged.evaluate()


@pytest.mark.parametrize("changes", [{"ema": {}}, {"ema": 5}, {"ema_updates": -1}])
def test_a_damaged_average_is_named(
    start: StartSession, tmp_path: Path, changes: dict[str, Any]
) -> None:
    path = tmp_path / "written"
    train(start(ema_decay=0.9), 1).save(path)
    checkpoint.write(path, {**checkpoint.read(path), **changes})
    with pytest.raises(CheckpointError):
        start(ema_decay=0.9).load(path)
