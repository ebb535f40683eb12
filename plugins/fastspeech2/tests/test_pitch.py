"""Основной тон: верен у известного сигнала и хранится на диске."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tts_framework.components import AudioSettings
from tts_framework.errors import DataError
from tts_framework.speech.audio import write_wav
from tts_framework.speech.mels import frames_of
from ttsf_fastspeech2 import pitch

AUDIO = AudioSettings(sampling_rate=16000)


def buzz(hertz: float, seconds: float = 0.5) -> np.ndarray:
    """Гармоники одного тона, как у голоса."""
    time = np.arange(int(seconds * 16000)) / 16000
    harmonics = range(1, int(4000 / hertz))
    return np.asarray(sum(np.sin(2 * np.pi * n * hertz * time) / n for n in harmonics) * 0.2)


@pytest.mark.parametrize("hertz", [90.0, 130.0, 250.0])
def test_the_pitch_of_a_buzz_is_its_frequency(hertz: float) -> None:
    track = pitch.extract(buzz(hertz), AUDIO, 60.0, 500.0)
    middle = track[5:-5]
    assert (middle > 0).mean() > 0.9
    assert np.median(middle[middle > 0]) == pytest.approx(hertz, rel=0.01)


def test_silence_has_no_pitch() -> None:
    track = pitch.extract(np.zeros(8000, np.float32), AUDIO, 60.0, 500.0)
    assert not track.any()
    log_f0, weight = pitch.log_f0(track)
    assert not log_f0.any() and not weight.any()


def test_gaps_are_bridged_and_weigh_little() -> None:
    log_f0, weight = pitch.log_f0(np.array([0, 100, 0, 0, 200, 0], np.float32))
    assert log_f0[0] == log_f0[1] == pytest.approx(np.log(100))
    assert (np.diff(log_f0) >= 0).all() and log_f0[5] == pytest.approx(np.log(200))
    assert weight.tolist() == pytest.approx([1e-3, 1, 1e-3, 1e-3, 1, 1e-3])


def test_tracks_are_computed_once_and_damage_is_made_again(tmp_path: Path) -> None:
    wav = tmp_path / "a.wav"
    write_wav(wav, buzz(120.0), 16000)
    frames = [frames_of(8000, AUDIO)]
    made: list[int] = []

    def tracks() -> list[np.ndarray]:
        cache = pitch.PitchCache(tmp_path / "cache", AUDIO, 60.0, 500.0)
        return list(cache.tracks([wav], frames, lambda done, total, what: made.append(done)))

    first, again = tracks(), tracks()
    assert made == [1] and np.array_equal(first[0], again[0])
    (kept,) = (tmp_path / "cache").rglob("*.npy")
    kept.write_bytes(kept.read_bytes()[:100])
    assert np.array_equal(tracks()[0], first[0]) and made == [1, 1]
    write_wav(wav, buzz(200.0), 16000)
    assert np.median(tracks()[0]) == pytest.approx(200.0, rel=0.01)


def test_another_recipe_is_another_cache(tmp_path: Path) -> None:
    wav = tmp_path / "a.wav"
    write_wav(wav, buzz(120.0), 16000)
    for floor in (60.0, 70.0):
        pitch.PitchCache(tmp_path / "cache", AUDIO, floor, 500.0).tracks([wav], [32])
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_a_missing_recording_is_named(tmp_path: Path) -> None:
    cache = pitch.PitchCache(tmp_path, AUDIO, 60.0, 500.0)
    with pytest.raises(DataError, match="b.wav"):
        cache.tracks([tmp_path / "b.wav"], [10])
