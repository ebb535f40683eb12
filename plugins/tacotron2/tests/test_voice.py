"""Голос: поднимается из одного чекпоинта и говорит одинаково при одном зерне."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tts_framework.components import Session, TrainingContext, Voice
from tts_framework.errors import CheckpointError, DataError, PluginError
from tts_framework.training import checkpoint
from ttsf_tacotron2 import Tacotron2

StartSession = Callable[..., Session]


@pytest.fixture
def written(start: StartSession, tmp_path: Path) -> Path:
    session = start(max_decoder_steps=12)
    session.save(tmp_path / "voice.ckpt")
    return tmp_path / "voice.ckpt"


@pytest.fixture
def voice(written: Path) -> Voice:
    return Tacotron2.voice(written)


def rewrite(path: Path, **changes: Any) -> Path:
    state = {**checkpoint.read(path), **changes}
    target = path.with_name("changed")
    checkpoint.write(target, {key: value for key, value in state.items() if value is not None})
    return target


@pytest.mark.filterwarnings("ignore:the model did not stop")
def test_it_turns_text_into_a_finite_mel(voice: Voice, context: TrainingContext) -> None:
    mel = voice("Прив+ет, мир!")
    assert mel.audio == context.audio
    assert mel.frames.shape[0] == context.audio.n_mel_channels
    assert mel.frames.dtype == np.float32 and np.isfinite(mel.frames).all()


@pytest.mark.filterwarnings("ignore:the model did not stop")
def test_the_seed_decides_the_result(voice: Voice) -> None:
    first, again, other = (voice("Привет!", seed=seed).frames for seed in (1, 1, 2))
    torch.rand(3)  # общий генератор ни на что не влияет
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.filterwarnings("ignore:the model did not stop")
def test_the_attention_comes_with_the_speech(voice: Voice) -> None:
    (sentence,) = voice("Привет!").sentences
    steps, symbols = sentence.alignment.shape
    assert sentence.frames % steps == 0 and symbols == len("привет!~")
    assert sentence.alignment.sum(1) == pytest.approx(np.ones(steps), abs=1e-4)


def test_it_warns_when_the_model_does_not_stop_by_itself(written: Path) -> None:
    weights = checkpoint.read(written)["state_dict"]
    bias = "decoder.gate_layer.linear_layer.bias"
    quiet = {**weights, bias: torch.full_like(weights[bias], -50)}
    with pytest.warns(UserWarning, match=r"did not stop by itself within 48 frames \(1.0 s\)"):
        mel = Tacotron2.voice(rewrite(written, state_dict=quiet))("Привет!")
    assert mel.frames.shape[1] == 48


def test_it_waits_no_longer_than_the_slowest_clip_would_take(written: Path) -> None:
    weights = checkpoint.read(written)["state_dict"]
    bias = "decoder.gate_layer.linear_layer.bias"
    quiet = {**weights, bias: torch.full_like(weights[bias], -50)}
    slow = rewrite(written, state_dict=quiet, frames_per_symbol=0.1)
    with pytest.warns(UserWarning, match="did not stop by itself within 44 frames"):
        Tacotron2.voice(slow)("Привет!")


def test_it_ends_where_the_stop_token_says(written: Path) -> None:
    weights = checkpoint.read(written)["state_dict"]
    bias = "decoder.gate_layer.linear_layer.bias"
    eager = {**weights, bias: torch.full_like(weights[bias], 50)}
    assert Tacotron2.voice(rewrite(written, state_dict=eager))("Привет!").frames.shape[1] == 4


def test_an_unknown_symbol_is_an_error(voice: Voice) -> None:
    with pytest.raises(DataError, match="'@'"):
        voice("a@b")


def test_a_reference_checkpoint_has_no_symbols_to_speak_with(written: Path) -> None:
    bare = rewrite(written, model=None, symbols=None, frontend=None, audio=None)
    with pytest.raises(CheckpointError, match="symbols, frontend, audio missing"):
        Tacotron2.voice(bare)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"frontend": {"use": None}}, CheckpointError, "not an installed plugin"),
        ({"frontend": {"use": "klingon"}}, PluginError, "klingon"),
        ({"frontend": {"use": "russian_letters", "dialect": 3}}, CheckpointError, "dialect"),
        ({"symbols": ["_", "a"]}, CheckpointError, "has 2 symbols"),
        ({"audio": {"hop_length": 0}}, CheckpointError, "audio .* damaged"),
        ({"frames_per_symbol": -1.0}, CheckpointError, "frames_per_symbol is -1.0"),
        ({"model": {"use": "vits"}}, CheckpointError, "model is 'vits'"),
    ],
)
def test_what_cannot_speak_is_refused(
    written: Path, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Tacotron2.voice(rewrite(written, **changes))
