"""MCD: ноль у одинаковых, мало у копии, много у чужой фразы; кепстры - те же, что у SPTK."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from tts_framework.components import Mel, Sound
from tts_framework.errors import DataError
from tts_framework.options import AudioSettings
from tts_framework.speech import mels
from tts_framework.speech.evaluation import world
from tts_framework.speech.evaluation.copies import griffin_lim_copy
from tts_framework.speech.evaluation.spectral import mcd_dtw, mel_mcd_dtw

AUDIO = AudioSettings(sampling_rate=16000)


@pytest.fixture
def needs_world() -> None:
    pytest.importorskip("pyworld")


def mel(sound: Sound) -> Mel:
    return Mel(mels.mel_spectrogram(sound.samples, AUDIO), AUDIO)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * 16000), np.float32)


@pytest.mark.usefixtures("needs_world")
def test_a_copy_is_near_and_another_phrase_is_far(clips: list[Sound]) -> None:
    one, other = clips[:2]
    same, far = mcd_dtw(one, one), mcd_dtw(one, other)
    copy = mcd_dtw(one, griffin_lim_copy(one, AUDIO))
    assert same.mcd_db == 0 and same.duration_ratio == 1
    assert (same.path[:, 0] == same.path[:, 1]).all()
    assert 0 < copy.mcd_db < 0.7 * far.mcd_db
    assert copy.duration_ratio == pytest.approx(1, abs=0.05)
    assert far.mcd_db > 6
    ratio = far.duration_ratio
    assert far.mcd_length_db == pytest.approx(far.mcd_db * max(ratio, 1 / ratio))


@pytest.mark.usefixtures("needs_world")
def test_loudness_and_silence_at_the_ends_do_not_matter(clips: list[Sound]) -> None:
    one = clips[0]
    quiet = replace(one, samples=0.5 * np.concatenate([silence(0.3), one.samples, silence(0.2)]))
    found = mcd_dtw(one, quiet)
    assert found.mcd_db < 0.5
    assert found.duration_ratio == pytest.approx(1, abs=0.02)
    shift = np.diff(found.path, axis=1)
    assert np.median(shift) == pytest.approx(0.3 / world.HOP_SECONDS, abs=1)


@pytest.mark.usefixtures("needs_world")
def test_slow_speech_shows_in_the_ratio_of_lengths(clips: list[Sound]) -> None:
    one = clips[0]
    slow = Sound("slow", one.samples, one.sampling_rate // 2)
    assert mcd_dtw(one, slow).duration_ratio == pytest.approx(2, abs=0.1)


@pytest.mark.usefixtures("needs_world")
def test_mel_cepstra_give_the_envelope_back_on_the_warped_axis() -> None:
    """ln|H| по кепстрам совпадает с огибающей, если та гладка: это и значит `sp2mc`."""
    size, alpha = 513, world.ALPHA
    omega = np.linspace(0, np.pi, size)
    warped = omega + 2 * np.arctan(alpha * np.sin(omega) / (1 - alpha * np.cos(omega)))
    coefficients = np.array([0.5, -0.3, 0.2, 0.1])
    smooth = sum(c * np.cos(m * warped) for m, c in enumerate(coefficients, 1))
    cepstra = np.fft.irfft(2 * smooth)[1:size]
    found = cepstra @ world._warping(size)[1:, 1:]
    assert found[:4] == pytest.approx(coefficients, abs=1e-6)
    assert np.abs(found[4:]).max() < 1e-6


@pytest.mark.usefixtures("needs_world")
@pytest.mark.parametrize(
    "samples",
    [silence(0.01), silence(61), np.full(16000, np.nan, np.float32), np.zeros((2, 16000))],
)
def test_what_cannot_be_measured_is_named(samples: np.ndarray, clips: list[Sound]) -> None:
    with pytest.raises(DataError, match="bad: .*(cut it|replace it)"):
        mcd_dtw(clips[0], Sound("bad", samples, 16000))


@pytest.mark.usefixtures("needs_world")
def test_silence_is_far_from_speech(clips: list[Sound]) -> None:
    assert mcd_dtw(clips[0], Sound("silent", silence(1), 16000)).mcd_db > 6


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, clips: list[Sound]) -> None:
    monkeypatch.setitem(sys.modules, "pyworld", None)
    with pytest.raises(DataError, match=r"pip install 'tts-framework\[evaluate\]'"):
        mcd_dtw(clips[0], clips[0])


def test_mels_are_compared_without_sound(clips: list[Sound]) -> None:
    one, other = clips[:2]
    copy = mel(griffin_lim_copy(one, AUDIO))
    same, near, far = [mel_mcd_dtw(mel(one), x) for x in (mel(one), copy, mel(other))]
    assert same.mcd_db == 0
    assert 0 < near.mcd_db < 0.4 * far.mcd_db
    louder = Mel(mel(one).frames + 1, AUDIO)
    assert mel_mcd_dtw(mel(one), louder).mcd_db == pytest.approx(0, abs=1e-6)


def test_a_known_difference_of_one_cepstrum_is_known_in_decibels() -> None:
    """Косинус по полосам с амплитудой a неперов - СКО a / sqrt(2), то есть 20 / ln 10 его дБ."""
    flat = np.zeros((80, 30), np.float32)
    wave = np.cos(np.pi * 3 * (np.arange(80) + 0.5) / 80)[:, None].repeat(30, 1)
    found = mel_mcd_dtw(Mel(flat, AUDIO), Mel(0.5 * wave, AUDIO))
    assert found.mcd_db == pytest.approx(20 / np.log(10) * 0.5 / np.sqrt(2))


@pytest.mark.parametrize("frames", [np.zeros((80, 0)), np.full((80, 3), np.inf)])
def test_a_mel_that_cannot_be_measured_is_named(frames: np.ndarray) -> None:
    good = Mel(np.zeros((80, 3), np.float32), AUDIO)
    with pytest.raises(DataError, match="spoken mel"):
        mel_mcd_dtw(good, Mel(frames, AUDIO))
    with pytest.raises(DataError, match="other audio settings"):
        mel_mcd_dtw(good, Mel(good.frames, AudioSettings()))
