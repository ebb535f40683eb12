"""Измерения клипа на сигналах с известным ответом."""

from __future__ import annotations

import numpy as np
import pytest

from tts_framework.speech.segmenting.cutting import Cut
from tts_framework.speech.segmenting.listening import HOPS_PER_SECOND, Heard
from tts_framework.speech.segmenting.measuring import Noise, gain, loudness_lufs, peak_db

RATE = 48000


def sine(level: float, seconds: float = 2.0, frequency: float = 997.0) -> np.ndarray:
    return (level * np.sin(2 * np.pi * frequency * np.arange(seconds * RATE) / RATE)).astype("f4")


def test_loudness_of_the_reference_tone() -> None:
    """ITU-R BS.1770: синус 997 Гц полного размаха в одном канале — -3,01 LUFS."""
    assert loudness_lufs(sine(1.0), RATE) == pytest.approx(-3.01, abs=0.05)
    assert loudness_lufs(sine(0.1), RATE) == pytest.approx(-23.01, abs=0.05)


def test_a_clip_shorter_than_the_window_still_has_a_loudness() -> None:
    assert loudness_lufs(sine(0.5, seconds=0.2), RATE) == pytest.approx(-12, abs=1)


def test_silence_has_no_peak_and_no_loudness() -> None:
    assert peak_db(np.zeros(RATE)) is None and loudness_lufs(np.zeros(RATE), RATE) is None
    assert gain(np.zeros(RATE), RATE, -23) == 1.0


def test_gain_reaches_the_loudness_or_stops_at_the_peak() -> None:
    quiet = sine(0.01)
    assert loudness_lufs(quiet * gain(quiet, RATE, -23), RATE) == pytest.approx(-23, abs=0.1)
    assert peak_db(quiet * gain(quiet, RATE, -2)) == pytest.approx(-1, abs=0.01)


def heard(noise: float, voice: float, clipped: int = 0) -> tuple[Heard, np.ndarray]:
    power = np.full(10 * HOPS_PER_SECOND, noise, np.float32)
    power[4 * HOPS_PER_SECOND : 6 * HOPS_PER_SECOND] += voice
    limits = np.zeros(len(power), np.int32)
    limits[5 * HOPS_PER_SECOND] = clipped
    return Heard(10, RATE, 0.032, np.zeros(0), power, limits), np.array([[4.0, 6.0]])


@pytest.mark.parametrize("ratio", [0, 10, 20, 40])
def test_snr_is_the_ratio_that_was_mixed(ratio: float) -> None:
    recording, regions = heard(1e-6, 1e-6 * 10 ** (ratio / 10))
    cut = Cut(3.9, 6.1, regions)
    assert Noise(recording, regions).snr_db(cut) == pytest.approx(ratio, abs=0.2)


def test_snr_over_digital_silence_is_capped() -> None:
    recording, regions = heard(0.0, 0.01)
    assert Noise(recording, regions).snr_db(Cut(3.9, 6.1, regions)) == 100


def test_snr_is_unknown_without_a_pause() -> None:
    recording, _ = heard(1e-6, 1e-2)
    everywhere = np.array([[0.0, 10.0]])
    assert Noise(recording, everywhere).snr_db(Cut(0, 10, everywhere)) is None


def test_clipped_share_counts_the_samples_of_the_clip() -> None:
    recording, regions = heard(1e-6, 1e-2, clipped=RATE // 10)
    assert Noise(recording, regions).clipped(Cut(4, 6, regions)) == pytest.approx(0.05)
