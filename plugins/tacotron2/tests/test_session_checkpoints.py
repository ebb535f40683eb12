"""Чекпоинты сессии: формат эталона и отказ от чужого."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tts_framework.components import TrainingContext
from tts_framework.errors import CheckpointError
from tts_framework.plugins import Plugins
from tts_framework.testing.contents import rewritten, unlike
from tts_framework.testing.sessions import StartSession
from tts_framework.training import checkpoint


def test_it_holds_the_reference_keys_and_all_a_voice_needs(written: Path) -> None:
    state = checkpoint.read(written)
    assert {"iteration", "state_dict", "optimizer", "learning_rate"} < set(state)
    assert state["model"]["use"] == "tacotron2"
    assert state["frontend"]["use"] == "russian_letters"
    assert state["audio"]["sampling_rate"] == 8000
    assert state["symbols"][0] == "_"
    assert state["hparams"]["batch_size"] == 3


def test_the_values_of_the_session_win_over_those_in_the_file(
    start: StartSession, context: TrainingContext, written: Path
) -> None:
    session = start(replace(context, batch_size=2), learning_rate=0.004)
    session.load(written)
    assert session.progress()["learning.rate"] == 0.004
    session.save(written)
    state = checkpoint.read(written)
    assert state["optimizer"]["param_groups"][0]["lr"] == 0.004
    assert state["hparams"]["batch_size"] == 2


def test_a_reference_checkpoint_of_four_keys_can_be_continued(
    start: StartSession, written: Path
) -> None:
    state = checkpoint.read(written)
    four = {key: state[key] for key in ("iteration", "state_dict", "optimizer", "learning_rate")}
    plain = written.with_name("plain")
    torch.save(four, plain)
    session = start()
    session.load(plain)
    assert session.iteration == 1
    session.step()


def test_a_warm_start_takes_the_weights_alone(
    start: StartSession, context: TrainingContext, written: Path
) -> None:
    audio = context.audio.model_copy(update={"hop_length": 128})
    session = start(replace(context, audio=audio))
    session.load(written, warm_start=True)
    assert session.iteration == 0
    session.save(written.with_name("warm"))
    warm, source = checkpoint.read(written.with_name("warm")), checkpoint.read(written)
    assert not unlike(warm["state_dict"], source["state_dict"])
    assert all(m["step"] == 0 for m in warm["optimizer"]["state"].values())


@pytest.mark.parametrize("warm", [False, True])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reduction_factor": 3}, "model.reduction_factor is 4 in the checkpoint and 3 here"),
        ({"sizes": {}}, "model.symbols_embedding_dim is 16 in the checkpoint and 64 here"),
    ],
)
def test_other_sizes_are_refused_by_name(
    start: StartSession, written: Path, options: dict[str, Any], message: str, warm: bool
) -> None:
    with pytest.raises(CheckpointError, match=message):
        start(**options).load(written, warm_start=warm)


def test_other_symbols_are_refused_by_name(
    start: StartSession, context: TrainingContext, written: Path
) -> None:
    russian = checkpoint.read(written)["symbols"]
    with pytest.raises(CheckpointError, match="only one of them has '@'"):
        start().load(rewritten(written, symbols=[*russian, "@"]))
    swapped = [russian[0], russian[2], russian[1], *russian[3:]]
    with pytest.raises(CheckpointError, match="they differ; use the frontend"):
        start().load(rewritten(written, symbols=swapped))


def test_other_audio_settings_are_refused_by_name(
    start: StartSession, context: TrainingContext, written: Path
) -> None:
    audio = context.audio.model_copy(update={"hop_length": 128})
    with pytest.raises(CheckpointError, match="data.audio.hop_length is 160 .* 128 here"):
        start(replace(context, audio=audio)).load(written)


def test_another_model_is_refused(start: StartSession, written: Path) -> None:
    with pytest.raises(CheckpointError, match="model is 'vits', not 'tacotron2'"):
        start().load(rewritten(written, model={"use": "vits"}))


def test_options_of_another_version_are_named(start: StartSession, written: Path) -> None:
    model = {**checkpoint.read(written)["model"], "hypernetwork": 3}
    with pytest.raises(CheckpointError, match="model.hypernetwork.*another version"):
        start().load(rewritten(written, model=model))


def test_foreign_tensors_are_named(start: StartSession, written: Path) -> None:
    weights = dict(checkpoint.read(written)["state_dict"])
    name = "decoder.linear_projection.linear_layer.weight"
    session = start()
    for changed, message in (
        ({key: value for key, value in weights.items() if key != name}, f"{name} is missing"),
        ({**weights, name: weights[name][:3]}, rf"{name} is \[3, "),
        ({**weights, "extra.weight": weights[name]}, "extra.weight is unknown here"),
        ({**weights, name: 5}, f"{name} is missing"),
    ):
        with pytest.raises(CheckpointError, match=message):
            session.load(rewritten(written, state_dict=changed))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"state_dict": None}, "state_dict is missing"),
        ({"optimizer": None}, "optimizer state does not fit"),
        ({"optimizer": {"state": {0: {"step": 1}}}}, "optimizer state does not fit"),
        ({"iteration": -4}, "iteration is -4"),
        ({"iteration": "ten"}, "iteration is 'ten'"),
        ({"progress": {"sums": 1}}, "progress is {'sums': 1}"),
        ({"sampler": [1]}, "sampler: "),
        ({"audio": {"sampling_rate": "loud"}}, "data.audio.sampling_rate is 'loud'"),
    ],
)
def test_damaged_sections_are_named(
    start: StartSession, written: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(CheckpointError, match=message):
        start().load(rewritten(written, **changes))


def test_a_damaged_place_in_the_data_is_named(start: StartSession, written: Path) -> None:
    sampler = {**checkpoint.read(written)["sampler"], "batch": 1000}
    with pytest.raises(CheckpointError, match="sampler: .* is not a place"):
        start().load(rewritten(written, sampler=sampler))


def test_changed_clips_start_a_new_epoch_with_a_warning(
    start: StartSession, context: TrainingContext, written: Path, tmp_path: Path
) -> None:
    fewer = tmp_path / "fewer.csv"
    lines = context.train.read_text("utf-8").splitlines()[:4]
    fewer.write_text("\n".join(f"{context.train.parent}/{line}" for line in lines), "utf-8")
    warnings: list[str] = []
    session = start(replace(context, train=fewer, allow_outside=True, warn=warnings.append))
    session.load(written)
    assert "training clips changed" in warnings[0]
    session.step()


def test_a_front_end_is_known_by_its_plugin_name() -> None:
    plugins = Plugins()
    cls = plugins.get("frontend", "russian_letters")
    assert plugins.name_of("frontend", cls) == "russian_letters"
    assert plugins.name_of("frontend", dict) is None
