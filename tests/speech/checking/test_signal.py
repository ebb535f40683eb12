"""Измерения на речи с известными искажениями."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tts_framework.speech.audio import resample
from tts_framework.speech.checking.measures import Measures, measure
from tts_framework.speech.checking.signal import flat_tops

RATE = 16000


def measured(path: Path) -> Measures:
    found = measure(path)
    assert isinstance(found, Measures)
    return found


def likeness(one: Measures, other: Measures) -> float:
    a, b = (
        np.frombuffer(base64.b64decode(sound.shape), np.int8).astype(float)
        for sound in (one, other)
    )
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def noise(count: int, level: float) -> np.ndarray:
    return (np.random.default_rng(1).standard_normal(count) * level).astype(np.float32)


def test_finds_the_edges_of_speech(bench: Any) -> None:
    id = bench.ids[0]
    before = measured(bench.wav(id))
    silence = noise(RATE // 2, 1e-4)
    bench.put(id, np.concatenate([silence, bench.sound(id), silence, silence]))
    after = measured(bench.wav(id))
    assert after.head - before.head == pytest.approx(0.5, abs=0.03)
    assert after.tail - before.tail == pytest.approx(1.0, abs=0.03)
    assert after.speech == pytest.approx(before.speech, abs=0.05)


@pytest.mark.parametrize("decibels", [5.0, 12.0, 25.0])
def test_estimates_the_noise_that_was_added(bench: Any, decibels: float) -> None:
    id = bench.ids[1]
    speech = np.concatenate([np.zeros(4000, np.float32), bench.sound(id)])
    loud = float(np.sqrt(np.mean(speech[np.abs(speech) > 0.02] ** 2)))
    bench.put(id, speech + noise(len(speech), loud * 10 ** (-decibels / 20)))
    assert measured(bench.wav(id)).snr == pytest.approx(decibels, abs=4)


def test_loudness_follows_the_gain(bench: Any) -> None:
    id = bench.ids[0]
    before = measured(bench.wav(id)).loudness
    bench.put(id, bench.sound(id) * 0.5)
    after = measured(bench.wav(id)).loudness
    assert before is not None and after is not None
    assert after - before == pytest.approx(-6.02, abs=0.1)


def test_the_offset_is_measured_and_kept_out_of_the_rest(bench: Any) -> None:
    id = bench.ids[0]
    before = measured(bench.wav(id))
    bench.put(id, bench.sound(id) * 0.9 + 0.05)
    after = measured(bench.wav(id))
    assert after.dc == pytest.approx(0.05 + 0.9 * before.dc, abs=1e-4)
    assert (after.head, after.tail) == pytest.approx((before.head, before.tail), abs=0.02)


@pytest.mark.parametrize("gain", [1.0, 0.4])
def test_clipping_is_seen_even_when_attenuated(gain: float) -> None:
    wave = np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE).astype(np.float32)
    assert flat_tops(wave[:, None]) == 0
    assert flat_tops((np.clip(wave * 3, -1, 1) * gain)[:, None]) > 1000


def test_the_fingerprint_forgives_gain_noise_trimming_and_rate(bench: Any) -> None:
    one, other = bench.ids[:2]
    original = measured(bench.wav(one))
    samples = bench.sound(one)
    changed = np.concatenate([noise(3000, 1e-3), samples]) * np.float32(0.4)
    bench.put(other, resample(changed + noise(len(changed), 1e-3), RATE, 22050), 22050)
    assert likeness(original, measured(bench.wav(other))) > 0.95


def test_the_fingerprints_of_other_sentences_differ(bench: Any) -> None:
    sounds = [measured(bench.wav(id)) for id in bench.ids]
    pairs = [likeness(a, b) for i, a in enumerate(sounds) for b in sounds[:i]]
    assert max(pairs) < 0.8


def test_a_clip_shorter_than_a_frame_is_measured(bench: Any) -> None:
    bench.put("tiny", np.full(7, 0.3, np.float32))
    found = measured(bench.wav("tiny"))
    assert (found.frames, found.snr, found.loudness, found.shape) == (7, None, None, "")
    assert ("duration", "warning", "tiny") in bench.rules()
