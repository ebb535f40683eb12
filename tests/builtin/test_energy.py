"""energy: громкость над шумом вокруг."""

from __future__ import annotations

import numpy as np
import pytest

from tts_framework.builtin.energy import Energy, ttsf_detector

RATE, FRAME = Energy.sampling_rate, Energy.frame
SECOND = RATE // FRAME * FRAME


def heard(samples: np.ndarray, **options: float) -> np.ndarray:
    detector = Energy(Energy.Config(**options))
    detector.feed(samples[: len(samples) // FRAME * FRAME].astype(np.float32))
    return detector.probabilities()


def bursts(level: float, noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Секунда шума, секунда гласной, и так восемь раз; отметки кадров с голосом."""
    rng = np.random.default_rng(seed)
    time = np.arange(SECOND) / RATE
    voice = sum(np.sin(2 * np.pi * 150 * n * time) / n for n in range(1, 12)) * level
    samples = np.concatenate([np.zeros(SECOND), voice] * 8)
    marks = np.tile(np.repeat([False, True], SECOND // FRAME), 8)
    return samples + rng.standard_normal(len(samples)) * noise, marks


@pytest.mark.parametrize(
    ("level", "noise"), [(0.1, 1e-4), (0.1, 1e-2), (0.005, 1e-5), (0.3, 0), (0.1, 2e-2)]
)
def test_tells_voice_from_noise_at_any_level(level: float, noise: float) -> None:
    samples, marks = bursts(level, noise)
    right = (heard(samples) > 0.5) == marks
    assert right.mean() > 0.97


def test_follows_noise_that_changes_within_twelve_seconds() -> None:
    quiet, marks = bursts(0.1, 1e-4)
    loud, _ = bursts(0.3, 1e-2, seed=1)
    right = (heard(np.concatenate([quiet, quiet, loud, loud])) > 0.5) == np.tile(marks, 4)
    jump, settled = 2 * len(marks), 12 * SECOND // FRAME
    assert right[:jump].mean() > 0.97 and right[jump + settled :].mean() > 0.97


@pytest.mark.parametrize("level", [0, 1e-4, 0.1])
def test_hears_nothing_in_silence_and_in_steady_noise(level: float) -> None:
    noise = np.random.default_rng(0).standard_normal(20 * SECOND) * level
    assert heard(noise).max() < 0.5


def test_hears_hissing_sounds_that_have_no_low_frequencies() -> None:
    samples, marks = bursts(0.0, 1e-4)
    hiss = np.diff(np.random.default_rng(2).standard_normal(len(samples) + 2), 2) * 0.01
    samples += hiss * np.repeat(marks, FRAME)
    right = (heard(samples) > 0.5) == marks
    assert right.mean() > 0.97


def test_pieces_give_the_same_answer_as_the_whole() -> None:
    samples, _ = bursts(0.1, 1e-3)
    detector = Energy(Energy.Config())
    for piece in np.split(samples.astype(np.float32), [FRAME, 7 * FRAME, 100 * FRAME]):
        detector.feed(piece)
    np.testing.assert_allclose(detector.probabilities(), heard(samples), atol=1e-5)


def test_a_higher_threshold_hears_less() -> None:
    samples, _ = bursts(0.1, 1e-2)
    high = heard(samples, share=0.99, highest=60)
    assert (high > 0.5).sum() < (heard(samples) > 0.5).sum()


def test_an_empty_recording_has_no_frames() -> None:
    assert len(Energy(Energy.Config()).probabilities()) == 0


def test_the_hook_returns_the_class() -> None:
    assert ttsf_detector() is Energy
