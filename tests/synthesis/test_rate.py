"""Темп: длина меняется во столько раз, сколько просили, высота голоса - нет."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.components import AudioSettings
from tts_framework.speech.mels import griffin_lim, mel_spectrogram
from tts_framework.synthesis.rate import stretched

AUDIO = AudioSettings(sampling_rate=16000)


@given(st.integers(2, 60), st.floats(0.5, 2.0))
def test_the_ends_stay_and_the_length_changes_as_asked(count: int, rate: float) -> None:
    frames = np.random.default_rng(count).normal(size=(3, count)).astype(np.float32)
    found = stretched(frames, rate)
    assert found.dtype == np.float32
    assert found.shape == (3, 1 + max(1, round((count - 1) / rate)))
    np.testing.assert_allclose(found[:, [0, -1]], frames[:, [0, -1]], rtol=1e-5, atol=1e-5)
    assert found.min() >= frames.min() - 1e-5 and found.max() <= frames.max() + 1e-5


@pytest.mark.parametrize("count", [0, 1, 5])
def test_the_usual_rate_changes_nothing(count: int) -> None:
    frames = np.ones((2, count), np.float32)
    assert stretched(frames, 1.0) is frames
    assert count > 1 or stretched(frames, 2.0) is frames


@pytest.mark.parametrize("rate", [0.5, 0.8, 1.25, 2.0])
def test_the_pitch_of_a_voice_stays(rate: float) -> None:
    time = np.arange(16000) / 16000
    harmonics = [np.sin(2 * np.pi * 140 * n * time) / n for n in range(1, 20)]
    voice = 0.2 * np.sum(harmonics, axis=0)
    mel = stretched(mel_spectrogram(voice.astype(np.float32), AUDIO), rate)
    samples = griffin_lim(mel, AUDIO, iterations=30)
    assert len(samples) / 16000 == pytest.approx(1 / rate, abs=0.03)
    middle = samples[len(samples) // 4 : -len(samples) // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 2**17))
    hertz = np.fft.rfftfreq(2**17, 1 / 16000)
    band = (hertz > 100) & (hertz < 200)
    assert hertz[band][spectrum[band].argmax()] == pytest.approx(140, rel=0.05)
