"""Основной тон: известный тон найден, шум - не голос, ошибки - в логарифмах."""

from __future__ import annotations

import numpy as np
import pytest

from tts_framework.components import Sound
from tts_framework.speech.evaluation.pitch import pitch_distance, pitch_track

pytest.importorskip("pyworld")
RATE = 16000


def tone(hz: float, seconds: float = 1.0) -> np.ndarray:
    times = np.arange(int(seconds * RATE)) / RATE
    waves = [np.sin(2 * np.pi * hz * k * times) / k for k in range(1, 8)]
    return np.asarray(0.1 * np.sum(waves, axis=0), np.float32)


def sound(samples: np.ndarray) -> Sound:
    return Sound("test", samples, RATE)


def straight(frames: int) -> np.ndarray:
    return np.arange(frames)[:, None].repeat(2, 1)


@pytest.mark.parametrize("hz", [90.0, 150.0, 250.0, 400.0])
def test_a_tone_has_its_pitch(hz: float) -> None:
    found = pitch_track(sound(tone(hz)))
    assert len(found) == 201
    assert np.isnan(found).mean() < 0.02
    assert np.nanmedian(found) == pytest.approx(hz, rel=1e-3)


def test_noise_and_silence_have_no_pitch() -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    for samples in (noise, np.zeros(RATE, np.float32)):
        assert np.isnan(pitch_track(sound(samples))).all()


def test_a_semitone_is_a_semitone() -> None:
    found = pitch_distance(sound(tone(200)), sound(tone(200 * 2 ** (1 / 12))), straight(201))
    assert found.log_f0_rmse == pytest.approx(np.log(2) / 12, abs=2e-3)
    assert found.vuv_error < 0.02


def test_a_voice_that_falls_silent_halfway_errs_on_half_of_frames() -> None:
    half = np.concatenate([tone(200, 0.5), np.zeros(RATE // 2, np.float32)])
    found = pitch_distance(sound(tone(200)), sound(half), straight(201))
    assert found.vuv_error == pytest.approx(0.5, abs=0.05)
    assert found.log_f0_rmse < 0.01


def test_without_a_common_voice_there_is_no_error_of_pitch() -> None:
    found = pitch_distance(sound(tone(200)), sound(np.zeros(RATE, np.float32)), straight(201))
    assert np.isnan(found.log_f0_rmse)
    assert found.vuv_error > 0.98
