"""Голос: mel -> звук, кусками и целиком одни отсчёты, чужая mel не подходит."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tts_framework.components import AudioSettings, Mel, TrainingContext
from tts_framework.errors import CheckpointError, DataError
from tts_framework.training import checkpoint
from ttsf_hifigan import Hifigan
from ttsf_hifigan.generator import Generator
from ttsf_hifigan.options import HifiganOptions
from ttsf_hifigan.sizes import Sizes
from ttsf_hifigan.synthesis import Synthesizer
from ttsf_hifigan.voice import HifiganVoice

AUDIO_22 = AudioSettings()
HOPS = {"upsample_rates": [8, 4, 4], "upsample_kernel_sizes": [16, 8, 8]}
VAST = {"upsample_initial_channel": 2**24}  # петабайты, если построить


@pytest.fixture
def voice(written: Path) -> HifiganVoice:
    made = Hifigan.voice(written)
    assert isinstance(made, HifiganVoice)
    return made


def mel_like(n_mels: int, frames: int) -> np.ndarray:
    return np.random.default_rng(frames).normal(-5, 2, (n_mels, frames)).astype(np.float32)


def test_it_gives_a_hop_of_samples_per_frame_but_the_last(
    voice: HifiganVoice, context: TrainingContext
) -> None:
    sound = voice(Mel(mel_like(40, 30), context.audio))
    assert sound.sampling_rate == 8000
    assert sound.samples.shape == (29 * 128,) and sound.samples.dtype == np.float32
    assert np.abs(sound.samples).max() <= 1


def test_it_says_what_the_training_network_would(written: Path, voice: HifiganVoice) -> None:
    saved = checkpoint.read(written)
    options = {key: value for key, value in saved["model"].items() if key != "use"}
    sizes = HifiganOptions(**options).network_sizes(voice.audio)
    network = Generator(sizes)
    network.load_state_dict(saved["state_dict"])
    mel = mel_like(40, 90)
    with torch.no_grad():
        expected = network(torch.from_numpy(mel)[None])[0, 0, : 89 * 128].numpy()
    assert np.abs(voice(Mel(mel, voice.audio)).samples - expected).max() < 1e-5


@pytest.mark.parametrize("frames", [0, 1, 2, 31, 32, 33, 150])
@pytest.mark.parametrize("first_frames", [1, 7, 32])
def test_a_stream_has_the_samples_of_the_whole(
    voice: HifiganVoice, frames: int, first_frames: int
) -> None:
    mel = Mel(mel_like(40, frames), voice.audio)
    pieces = [sound.samples for sound in voice.stream(mel, first_frames=first_frames)]
    joined = np.concatenate([np.zeros(0, np.float32), *pieces])
    whole = voice(mel).samples
    assert joined.shape == whole.shape == (max(0, frames - 1) * 128,)
    assert not len(whole) or np.abs(joined - whole).max() < 1e-5
    assert frames < 2 or len(pieces[0]) == min(first_frames, frames - 1) * 128


@pytest.mark.parametrize("preset", ["v1", "v2", "v3"])
def test_streaming_the_published_shapes_equals_one_plain_pass(preset: str) -> None:
    torch.manual_seed(0)
    audio = HifiganOptions(preset=preset).network_sizes(AUDIO_22)
    sizes = Sizes(**{**vars(audio), "upsample_initial_channel": 64})
    network = Generator(sizes).eval()
    with torch.no_grad():  # случайная сеть почти немая: сделай её громкой, как обученная
        for name, parameter in network.named_parameters():
            if name.endswith("weight_g"):
                parameter.mul_(1.6)
    mel = mel_like(80, 110)
    with torch.no_grad():
        expected = network(torch.from_numpy(mel)[None])[0, 0, : 109 * 256].numpy()
    assert expected.std() > 0.02
    synthesizer = Synthesizer(network, torch.device("cpu"))
    for first in (5, 40):
        joined = np.concatenate(list(synthesizer.stream(mel, first)))
        assert np.abs(joined - expected).max() < 1e-5


@pytest.mark.parametrize("frames", [0, 1, 2, 31, 150, 700])
@pytest.mark.parametrize("step", [1, 7, 1000])
@pytest.mark.parametrize("first_frames", [1, 8])
def test_a_growing_mel_has_the_samples_of_the_whole(
    voice: HifiganVoice, frames: int, step: int, first_frames: int
) -> None:
    mel = mel_like(40, frames)
    pieces = (Mel(mel[:, at : at + step], voice.audio) for at in range(0, frames, step))
    sounds = list(voice.follow(pieces, first_frames=first_frames))
    joined = np.concatenate([np.zeros(0, np.float32), *(sound.samples for sound in sounds)])
    whole = voice(Mel(mel, voice.audio)).samples
    assert joined.shape == whole.shape
    assert not len(whole) or np.abs(joined - whole).max() < 1e-5


def test_a_growing_mel_sounds_as_soon_as_the_neighbours_have_come(voice: HifiganVoice) -> None:
    taken: list[int] = []

    def said() -> Iterator[Mel]:
        for frame in mel_like(40, 300).T:
            taken.append(1)
            yield Mel(frame[:, None], voice.audio)

    first = next(voice.follow(said()))
    assert len(first.samples) == 8 * 128 and 8 < len(taken) <= 8 + 20


def test_a_broken_piece_of_a_growing_mel_is_refused(voice: HifiganVoice) -> None:
    good, bad = mel_like(40, 60), mel_like(40, 9)
    bad[3, 4] = np.nan
    sounds = voice.follow(iter([Mel(good, voice.audio), Mel(bad, voice.audio)]))
    assert len(next(sounds).samples)
    with pytest.raises(DataError, match="contains NaN"):
        list(sounds)


def test_a_mel_of_other_settings_is_refused_by_name(voice: HifiganVoice) -> None:
    audio = voice.audio.model_copy(update={"hop_length": 160, "mel_fmin": 30.0})
    with pytest.raises(DataError) as caught:
        voice(Mel(mel_like(40, 9), audio))
    assert "hop_length is 160 in the mel and 128 in the vocoder" in str(caught.value)
    assert "mel_fmin is 30.0 in the mel and 0.0 in the vocoder" in str(caught.value)
    with pytest.raises(DataError, match="hop_length"):
        voice.stream(Mel(mel_like(40, 9), audio))  # ещё до первого куска


def test_a_broken_mel_is_refused(voice: HifiganVoice) -> None:
    mel = mel_like(40, 9)
    with pytest.raises(DataError, match=r"shape \[39, 9\], expected \[40, T\]"):
        voice(Mel(mel[1:], voice.audio))
    mel[3, 4] = np.nan
    with pytest.raises(DataError, match="contains NaN"):
        voice(Mel(mel, voice.audio))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": {"use": "vits"}}, "model is 'vits'"),
        ({"audio": {"hop_length": 0}}, "audio .* is damaged"),
        ({"state_dict": {}}, "tensor conv_pre.bias is missing"),
        ({"model": {"use": "hifigan", "sizes": {**HOPS, **VAST}}}, "is .* in the checkpoint"),
    ],
)
def test_what_cannot_speak_is_refused(written: Path, changes: dict[str, Any], message: str) -> None:
    target = written.with_name("changed")
    checkpoint.write(target, {**checkpoint.read(written), **changes})
    with pytest.raises(CheckpointError, match=message):
        Hifigan.voice(target)
