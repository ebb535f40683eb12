"""Синтез: предложения, пачки, остановка, которая не убежит, стили, уверенность."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.components import AudioSettings, Mel, Session, TrainingContext
from tts_framework.errors import ConfigError, DataError
from tts_framework.speech import sentences
from ttsf_tacotron2 import Tacotron2 as Plugin
from ttsf_tacotron2.alignment import monotonicity
from ttsf_tacotron2.fast_steps import FastSteps, Storage
from ttsf_tacotron2.inference import Progress, Stopping
from ttsf_tacotron2.network import Tacotron2
from ttsf_tacotron2.sizes import PRESETS
from ttsf_tacotron2.spoken import measured
from ttsf_tacotron2.voice import Tacotron2Voice

StartSession = Callable[..., Session]
pytestmark = pytest.mark.filterwarnings("ignore:the model did not stop")
TEXT = "Привет, мир! Как дела? Всё хорошо."


def voice_of(session: Session, path: Path) -> Tacotron2Voice:
    session.save(path)
    voice = Plugin.voice(path)
    assert isinstance(voice, Tacotron2Voice)
    return voice


@pytest.fixture
def voice(start: StartSession, tmp_path: Path) -> Tacotron2Voice:
    return voice_of(start(max_decoder_steps=12), tmp_path / "voice")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("один. два! три? четыре…", ["один.", "два!", "три?", "четыре…"]),
        ("он сказал: «да.» потом ушёл.", ["он сказал: «да.»", "потом ушёл."]),
        ("3.14 и точка", ["3.14 и точка"]),
        ("один. … два.", ["один. …", "два."]),
        ("...", ["..."]),
        ("", [""]),
    ],
)
def test_texts_are_split_at_ends_of_sentences(text: str, parts: list[str]) -> None:
    assert sentences.split(text, 200) == parts


def test_long_sentences_are_split_at_pauses_and_then_at_words() -> None:
    text = "раз два три, четыре пять шесть, семь восемь девять десять одиннадцать."
    assert sentences.split(text, 32) == [
        "раз два три, четыре пять шесть,",
        "семь восемь девять десять",
        "одиннадцать.",
    ]


@given(st.text("аб ,.!?", max_size=80), st.integers(20, 60))
def test_no_symbol_is_lost_by_splitting(text: str, longest: int) -> None:
    said = "".join("".join(sentences.split(text, longest)).split())
    assert said == "".join(text.split())


def test_joints_fade_from_one_sentence_into_the_next() -> None:
    first, second = np.zeros((2, 10), np.float32), np.ones((2, 10), np.float32)
    whole = sentences.join([first, second], 3)
    assert whole.shape == (2, 17) and whole.dtype == np.float32
    assert whole[0].tolist() == pytest.approx([0] * 7 + [0.25, 0.5, 0.75] + [1] * 7)
    assert sentences.join([first, second[:, :1]], 3).shape == (2, 11)
    assert sentences.join([first], 3) is first


def test_a_long_text_is_said_by_sentences(voice: Tacotron2Voice, context: TrainingContext) -> None:
    speech = voice(TEXT, seed=3)
    assert [s.text for s in speech.sentences] == ["привет, мир!", "как дела?", "всё хорошо."]
    assert speech.frames.shape[1] == sum(s.frames for s in speech.sentences) - 2 * 4
    assert speech.audio == context.audio and isinstance(speech, Mel)
    assert np.isfinite(speech.frames).all()
    assert speech.confidence == min(s.confidence for s in speech.sentences)
    assert all(0 <= s.confidence <= 1 for s in speech.sentences)
    assert {s.ended for s in speech.sentences} <= {"gate", "attention", "limit"}


def test_a_batch_of_texts_equals_them_one_by_one(start: StartSession, tmp_path: Path) -> None:
    options = {"max_decoder_steps": 10, "synthesis_weights": "fp32"}
    voice = voice_of(start(**options), tmp_path / "voice")
    texts = ["Привет!", "Как твои дела сегодня?", "Да."]
    for together, text in zip(voice.speak(texts, seed=5), texts, strict=True):
        alone = voice(text, seed=5)
        np.testing.assert_allclose(together.frames, alone.frames, atol=1e-5)


def test_the_best_of_several_takes_is_kept(voice: Tacotron2Voice) -> None:
    takes = [voice("Привет!", seed=seed).sentences[0] for seed in range(4)]
    best = voice("Привет!", seed=0, best_of=4).sentences[0]
    assert best.confidence == pytest.approx(max(take.confidence for take in takes), abs=0.1)
    assert best.seed in range(4)


def progress(stopping: Stopping, rows: list[tuple[float, int]], symbols: int) -> Progress:
    found = Progress(stopping, [symbols])
    for gate, place in rows:
        if not all(found.running):
            break
        found.note([gate], [place])
    return found


def test_the_gate_ends_a_phrase() -> None:
    found = progress(Stopping([9], 0.5), [(-1, 0), (-0.1, 1), (0.1, 2), (-1, 3)], 10)
    assert (found.steps, found.reasons) == ([3], ["gate"])


def test_attention_that_stays_at_the_end_ends_a_phrase() -> None:
    places = [(-9.0, place) for place in (0, 5, 7, 6, 8, 9, 9, 9, 9)]
    found = progress(Stopping([99], 0.5, patience=3), places, 10)
    assert (found.steps, found.reasons) == ([7], ["attention"])
    assert progress(Stopping([99], 0.5, patience=0), places, 10).running == [True]


def test_attention_that_comes_back_starts_the_count_anew() -> None:
    places = [(-9.0, place) for place in (8, 9, 2, 8, 9)]
    assert progress(Stopping([99], 0.5, patience=3), places, 10).running == [True]


def test_every_phrase_has_a_limit_of_its_own() -> None:
    found = Progress(Stopping([2, 4], 1.0), [5, 5])
    for _ in range(4):
        found.note([99.0, 99.0], [0, 0])
    assert (found.steps, found.reasons) == ([2, 4], ["limit", "limit"])


def test_a_network_that_never_stops_is_ended_by_its_attention() -> None:
    torch.manual_seed(1)
    net = Tacotron2(PRESETS["tiny"], 30).eval()
    text, lengths = torch.randint(1, 30, (1, 3)), torch.tensor([3])
    outputs = net.infer(text, lengths, max_decoder_steps=50, gate_threshold=1.0, patience=7)
    assert outputs.endings == ("attention",)
    assert outputs.mel_lengths.tolist() == [7]


@pytest.mark.parametrize(("storage", "decibels"), [("bf16", 40.0), ("int8", 30.0)])
def test_narrow_weights_change_little(storage: Storage, decibels: float) -> None:
    torch.manual_seed(1)
    net = Tacotron2(PRESETS["small"], 30).eval()
    said = []
    with torch.no_grad():
        for kind in ("fp32", storage):
            torch.manual_seed(2)
            memory = torch.randn(1, 12, 128)
            steps = FastSteps(net.decoder, memory, torch.tensor([12]), kind)
            said.append(
                torch.cat([steps.step(torch.rand(1, 64), torch.empty(1, 12)) for _ in range(40)])
            )
    error = said[1] - said[0]
    assert 0 < error.var() < said[0].var() / 10 ** (decibels / 10)


def test_confidence_tells_calm_attention_from_jumping_one() -> None:
    calm, sizes = torch.eye(20).repeat_interleave(2, 0).unsqueeze(0), torch.tensor([40])
    jumping = calm[:, torch.randperm(40, generator=torch.Generator().manual_seed(1))]
    both = torch.cat([calm, jumping])
    steps, symbols = torch.tensor([40, 40]), torch.tensor([20, 20])
    assert monotonicity(calm, sizes).tolist() == [1.0]
    (near, seen, sure), (_, _, unsure) = measured(both, symbols, steps, ("gate", "gate"))
    assert (near, seen, sure) == pytest.approx((1.0, 1.0, 1.0))
    assert unsure < 0.5
    assert measured(calm, symbols[:1], sizes, ("limit",))[0][2] == pytest.approx(0.5)


def test_a_style_is_a_recording_token_weights_or_nothing(
    start: StartSession, context: TrainingContext, tmp_path: Path
) -> None:
    voice = voice_of(start(gst=True, max_decoder_steps=6), tmp_path / "voice")
    wav = context.train.parent / context.train.read_text("utf-8").split("|")[0]
    one = [0.0] * 9 + [2.0]
    said = [voice("Да!", style=style).frames for style in (None, wav, str(wav), one)]
    assert np.array_equal(said[1], said[2])
    assert not np.array_equal(said[0], said[1]) and not np.array_equal(said[0], said[3])


@pytest.mark.parametrize(
    "style", [[1.0], [0.0] * 10, [-1.0] * 10, [float("nan")] * 10, [float("inf")] * 10]
)
def test_bad_token_weights_are_named(start: StartSession, tmp_path: Path, style: Any) -> None:
    voice = voice_of(start(gst=True), tmp_path / "voice")
    with pytest.raises(ConfigError, match="10 non-negative token weights"):
        voice("Да!", style=style)


def test_other_styles_that_cannot_be_are_named(
    start: StartSession, voice: Tacotron2Voice, context: TrainingContext, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="without gst"):
        voice("Да!", style=[0.1] * 10)
    styled = voice_of(start(gst=True), tmp_path / "styled")
    with pytest.raises(DataError, match="missing.wav"):
        styled("Да!", style=tmp_path / "missing.wav")
    foreign = Mel(np.zeros((80, 9), np.float32), AudioSettings())
    with pytest.raises(ConfigError, match="other audio settings"):
        styled("Да!", style=foreign)
