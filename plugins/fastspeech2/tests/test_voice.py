"""Голос: поднимается из одного чекпоинта, говорит одинаково, слушается темпа, тона и энергии."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tts_framework.components import Session, TrainingContext
from tts_framework.errors import CheckpointError, ConfigError, DataError, PluginError
from tts_framework.training import checkpoint
from ttsf_fastspeech2 import FastSpeech2

StartSession = Callable[..., Session]


@pytest.fixture
def written(start: StartSession, tmp_path: Path) -> Path:
    session = start(ema_decay=0.5)
    session.step()
    session.save(tmp_path / "voice.ckpt")
    state = checkpoint.read(tmp_path / "voice.ckpt")
    state["ema"]["duration_predictor.output.bias"] = torch.tensor([1.6])  # около 4 кадров
    checkpoint.write(tmp_path / "slow.ckpt", state)
    return tmp_path / "slow.ckpt"


def rewrite(path: Path, **changes: Any) -> Path:
    state = {**checkpoint.read(path), **changes}
    target = path.with_name("changed")
    checkpoint.write(target, {key: value for key, value in state.items() if value is not None})
    return target


def test_it_turns_text_into_a_finite_mel(written: Path, context: TrainingContext) -> None:
    mel = FastSpeech2.voice(written)("Прив+ет, мир!")
    assert mel.audio == context.audio
    assert mel.frames.shape[0] == context.audio.n_mel_channels
    assert mel.frames.dtype == np.float32 and np.isfinite(mel.frames).all()
    (durations,) = mel.durations
    assert durations.sum() == mel.frames.shape[1] and len(durations) == 14


def test_it_says_the_same_every_time(written: Path) -> None:
    voice = FastSpeech2.voice(written)
    torch.rand(3)
    assert np.array_equal(voice("Привет!", seed=1).frames, voice("Привет!", seed=2).frames)


def test_together_and_apart_are_the_same(written: Path) -> None:
    voice = FastSpeech2.voice(written)
    texts = ["Привет!", "Раз, два, три. Четыре?", "Да."]
    for text, mel in zip(texts, voice.speak(texts), strict=True):
        alone = voice(text)
        assert alone.frames.shape == mel.frames.shape
        assert np.allclose(alone.frames, mel.frames, atol=1e-5)


def test_a_text_is_said_by_sentences(written: Path) -> None:
    voice = FastSpeech2.voice(written)
    text = "Раз, два. Три!"
    assert [phrase.text for phrase in voice.phrases(text)] == ["раз, два.", "три!"]
    assert [len(frames) - 2 for frames in voice(text).durations] == [
        phrase.symbols for phrase in voice.phrases(text)
    ]


def test_the_controls_act(written: Path) -> None:
    voice = FastSpeech2.voice(written)
    plain = voice("Раз, два, три, четыре, пять.")
    fast = voice("Раз, два, три, четыре, пять.", rate=2.0)
    assert fast.frames.shape[1] == pytest.approx(plain.frames.shape[1] / 2, abs=1)
    for changed in (voice("Раз, два.", pitch=6.0), voice("Раз, два.", energy=6.0)):
        said = voice("Раз, два.")
        assert changed.frames.shape == said.frames.shape
        assert not np.allclose(changed.frames, said.frames, atol=1e-4)


def test_the_controls_of_the_settings_act_too(written: Path) -> None:
    model = {**checkpoint.read(written)["model"], "rate": 2.0}
    quick = FastSpeech2.voice(rewrite(written, model=model))
    assert (
        quick("Раз, два.").frames.shape
        == FastSpeech2.voice(written)("Раз, два.", rate=2.0).frames.shape
    )


@pytest.mark.parametrize("control", [{"rate": 0.0}, {"pitch": 99.0}, {"energy": float("nan")}])
def test_controls_out_of_bounds_are_refused(written: Path, control: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(control))):
        FastSpeech2.voice(written)("Раз.", **control)


def test_an_unknown_symbol_is_an_error(written: Path) -> None:
    with pytest.raises(DataError, match="'@'"):
        FastSpeech2.voice(written)("a@b")


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"frontend": {"use": None}}, CheckpointError, "not an installed plugin"),
        ({"frontend": {"use": "klingon"}}, PluginError, "klingon"),
        ({"frontend": {"use": "russian_letters", "dialect": 3}}, CheckpointError, "dialect"),
        ({"symbols": ["_", "a"]}, CheckpointError, "has 2 symbols"),
        ({"audio": {"hop_length": 0}}, CheckpointError, "audio .* damaged"),
        ({"model": {"use": "vits"}}, CheckpointError, "model is 'vits'"),
        ({"model": {"use": "fastspeech2", "rate": "x"}}, CheckpointError, "model.rate"),
        ({"ema": {}}, CheckpointError, "missing in ema"),
    ],
)
def test_what_cannot_speak_is_refused(
    written: Path, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        FastSpeech2.voice(rewrite(written, **changes))
