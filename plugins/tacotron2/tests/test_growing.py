"""Поток mel: кусками те же кадры, что целиком, и первый - задолго до конца фразы."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tts_framework.components import Mel, Session
from tts_framework.errors import ConfigError, DataError
from ttsf_tacotron2 import Tacotron2 as Plugin
from ttsf_tacotron2.fast_steps import FastSteps
from ttsf_tacotron2.postnet import Postnet
from ttsf_tacotron2.spoken import Speech
from ttsf_tacotron2.voice import Tacotron2Voice

StartSession = Callable[..., Session]
pytestmark = pytest.mark.filterwarnings("ignore:the model did not stop")
TEXT = "Привет, мир, как дела, скажи мне скорее, что там!"


def opened(session: Session, path: Path, gate: float = -50.0) -> Tacotron2Voice:
    session.save(path)
    voice = Plugin.voice(path)
    assert isinstance(voice, Tacotron2Voice)
    voice.network.decoder.gate_layer.linear_layer.bias.data.fill_(gate)
    deep = replace(voice.network.sizes, postnet_n_convolutions=5, postnet_kernel_size=5)
    voice.network.postnet = Postnet(deep).eval()
    for parameter in voice.network.postnet.parameters():
        parameter.data.mul_(2)  # у свежей сети поправка мала: ошибку в окрестности не заметить
    return voice


@pytest.fixture
def voice(start: StartSession, tmp_path: Path) -> Tacotron2Voice:
    return opened(start(max_decoder_steps=40, attention_patience=0), tmp_path / "voice")


def joined(pieces: list[Mel]) -> np.ndarray:
    return np.concatenate([piece.frames for piece in pieces], 1)


@pytest.mark.parametrize("factor", [1, 3, 4])
@pytest.mark.parametrize("steps", [1, 5, 40])
def test_a_stream_has_the_frames_of_the_whole(
    start: StartSession, tmp_path: Path, factor: int, steps: int
) -> None:
    session = start(max_decoder_steps=steps, reduction_factor=factor, attention_patience=0)
    voice = opened(session, tmp_path / "voice")
    assert voice.network.postnet.reach == 10
    whole = voice(TEXT, seed=3)
    pieces = list(voice.stream(TEXT, seed=3))
    assert joined(pieces).shape == whole.frames.shape == (20, steps * factor)
    assert np.abs(joined(pieces) - whole.frames).max() < 1e-4
    other = voice(TEXT, seed=4).frames  # первый шаг слышит нули: от зерна он не зависит
    assert steps == 1 or np.abs(other - whole.frames).max() > 1e-3
    assert (len(pieces) > 1) == (steps * factor > 18)


def test_the_first_piece_comes_long_before_the_last_step(
    voice: Tacotron2Voice, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps, step = [], FastSteps.step

    def counted(self: FastSteps, x: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        steps.append(1)
        return step(self, x, weights)

    monkeypatch.setattr(FastSteps, "step", counted)
    stream = voice.stream(TEXT)
    first = next(stream)
    assert first.frames.shape[1] == 10 and len(steps) == 5  # 20 кадров: 10 и их соседи справа
    rest = list(stream)
    assert len(steps) == 40 and joined([first, *rest]).shape[1] == 160


def test_the_last_piece_brings_the_report_of_the_whole_phrase(voice: Tacotron2Voice) -> None:
    whole = voice(TEXT)
    *early, last = voice.stream(TEXT)
    assert isinstance(last, Speech) and not any(isinstance(piece, Speech) for piece in early)
    (ours,), (theirs,) = last.sentences, whole.sentences
    assert ours == theirs and last.flags == whole.flags == ("stopped by limit",)
    assert ours.alignment is not None and theirs.alignment is not None
    assert np.allclose(ours.alignment, theirs.alignment, atol=1e-6)


def test_a_phrase_that_does_not_stop_is_warned_of(voice: Tacotron2Voice) -> None:
    with pytest.warns(UserWarning, match="did not stop by itself within 160 frames"):
        list(voice.stream(TEXT))


def test_the_stop_token_ends_a_stream(start: StartSession, tmp_path: Path) -> None:
    voice = opened(start(), tmp_path / "voice", gate=50.0)
    (last,) = voice.stream(TEXT)
    assert isinstance(last, Speech)
    assert last.frames.shape[1] == 4 and last.sentences[0].ended == "gate"
    assert np.abs(last.frames - voice(TEXT).frames).max() < 1e-4


def test_attention_that_waits_at_the_end_ends_a_stream(start: StartSession, tmp_path: Path) -> None:
    session = start(max_decoder_steps=40, attention_patience=8)
    voice = opened(session, tmp_path / "voice")
    whole = voice("а")  # всё слово - последние символы: внимание стоит в конце с первого шага
    *_, last = pieces = list(voice.stream("а"))
    assert isinstance(last, Speech)
    assert last.sentences[0].ended == whole.sentences[0].ended == "attention"
    assert joined(pieces).shape[1] == whole.frames.shape[1] == 8


def test_several_sentences_are_given_whole(voice: Tacotron2Voice) -> None:
    (piece,) = voice.stream("Привет, мир! Как дела?", seed=5)
    assert np.array_equal(piece.frames, voice("Привет, мир! Как дела?", seed=5).frames)


def test_what_the_voice_refuses_whole_it_refuses_in_a_stream(voice: Tacotron2Voice) -> None:
    with pytest.raises(DataError, match="'@'"):
        next(voice.stream("a@b"))
    with pytest.raises(ConfigError, match="style"):
        next(voice.stream(TEXT, style=(1.0,)))
