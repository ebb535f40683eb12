"""mels: соглашение Tacotron 2, сверенное с librosa, и обращение, которое узнаёт ухо и mel."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts_framework.errors import DataError
from tts_framework.options import AudioSettings
from tts_framework.speech.audio import read_wav
from tts_framework.speech.mels import (
    frames_of,
    griffin_lim,
    istft,
    mel_filters,
    mel_spectrogram,
    stft,
)

SETTINGS = [
    AudioSettings(),
    AudioSettings(sampling_rate=16000),
    AudioSettings(sampling_rate=16000, filter_length=800, hop_length=200, win_length=800),
    AudioSettings(filter_length=2048, hop_length=300, win_length=1200, mel_fmin=50, mel_fmax=11025),
]


@pytest.fixture
def speech(spoken: Path) -> np.ndarray:
    return read_wav(spoken / "wavs" / "syn_00001.wav", 16000)


@pytest.mark.parametrize("audio", SETTINGS)
def test_agrees_with_librosa(audio: AudioSettings, speech: np.ndarray) -> None:
    librosa = pytest.importorskip("librosa")
    reference = librosa.feature.melspectrogram(
        y=speech,
        sr=audio.sampling_rate,
        n_fft=audio.filter_length,
        hop_length=audio.hop_length,
        win_length=audio.win_length,
        pad_mode="reflect",
        power=1.0,
        n_mels=audio.n_mel_channels,
        fmin=audio.mel_fmin,
        fmax=audio.mel_fmax,
    )
    mel = mel_spectrogram(speech, audio)
    assert mel.dtype == np.float32
    assert mel.shape == (80, frames_of(len(speech), audio))
    np.testing.assert_allclose(np.exp(mel), np.maximum(reference, 1e-5), rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("audio", SETTINGS)
def test_filters_are_slaneys(audio: AudioSettings) -> None:
    filters = pytest.importorskip("librosa.filters").mel(
        sr=audio.sampling_rate,
        n_fft=audio.filter_length,
        n_mels=audio.n_mel_channels,
        fmin=audio.mel_fmin,
        fmax=audio.mel_fmax,
    )
    np.testing.assert_allclose(mel_filters(audio), filters, atol=1e-7)


def test_silence_is_the_logarithm_of_the_floor() -> None:
    mel = mel_spectrogram(np.zeros(5000, np.float32), AudioSettings())
    np.testing.assert_allclose(mel, math.log(1e-5), rtol=1e-6)


@pytest.mark.parametrize("length", [0, 1, 512])
def test_a_clip_too_short_to_reflect_is_refused(length: int) -> None:
    with pytest.raises(DataError, match=rf"samples \[{length}\]: .* longer than 512 samples"):
        mel_spectrogram(np.zeros(length, np.float32), AudioSettings())


def test_two_channels_are_refused() -> None:
    with pytest.raises(DataError, match="expected one channel"):
        mel_spectrogram(np.zeros((2, 5000), np.float32), AudioSettings())


@settings(max_examples=30, deadline=None)
@given(
    length=st.integers(1025, 6000),
    hop=st.integers(50, 256),
    window=st.sampled_from([512, 800, 1024]),
    seed=st.integers(0, 2**16),
)
def test_inverse_transform_gives_the_samples_back(
    length: int, hop: int, window: int, seed: int
) -> None:
    audio = AudioSettings(hop_length=hop, win_length=window)
    length -= length % hop
    samples = np.random.default_rng(seed).standard_normal(length).astype(np.float32)
    np.testing.assert_allclose(istft(stft(samples, audio), audio, length), samples, atol=1e-4)


def test_griffin_lim_speaks_the_same_mel(speech: np.ndarray) -> None:
    audio = AudioSettings(sampling_rate=16000)
    mel = mel_spectrogram(speech, audio)
    rebuilt = griffin_lim(mel, audio)
    assert rebuilt.dtype == np.float32
    assert len(rebuilt) == (mel.shape[1] - 1) * audio.hop_length
    heard = mel > math.log(1e-3)
    assert np.abs(mel_spectrogram(rebuilt, audio) - mel)[heard].mean() < 0.25


def test_more_iterations_come_closer(speech: np.ndarray) -> None:
    audio = AudioSettings(sampling_rate=16000)
    mel = mel_spectrogram(speech, audio)

    def error(iterations: int) -> float:
        rebuilt = mel_spectrogram(griffin_lim(mel, audio, iterations), audio)
        return float(np.abs(np.exp(rebuilt) - np.exp(mel)).mean())

    assert error(32) < error(4) < error(0)


def test_the_same_seed_gives_the_same_samples(speech: np.ndarray) -> None:
    audio = AudioSettings(sampling_rate=16000)
    mel = mel_spectrogram(speech[:8000], audio)
    first, again, other = (griffin_lim(mel, audio, 4, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0


@pytest.mark.parametrize("frames", [0, 1, 2, 3])
def test_even_a_couple_of_frames_can_be_spoken(frames: int) -> None:
    audio = AudioSettings()
    samples = griffin_lim(np.full((80, frames), -1.0, np.float32), audio, 2)
    assert len(samples) == max(0, frames - 1) * audio.hop_length
    assert np.isfinite(samples).all()


def test_an_absurdly_loud_mel_does_not_overflow() -> None:
    assert np.isfinite(griffin_lim(np.full((80, 20), 500.0), AudioSettings(), 2)).all()


def test_a_mel_of_a_diverged_model_is_refused() -> None:
    with pytest.raises(DataError, match="mel: contains NaN"):
        griffin_lim(np.full((80, 20), np.nan), AudioSettings())


def test_trainer_does_not_pay_for_librosa_or_scipy_at_start() -> None:
    code = (
        "import sys; from tts_framework.speech import audio, filelist, mel_cache, mels;"
        "print([m for m in ('librosa', 'numba', 'scipy', 'torch') if m in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
