"""DNSMOS и копии; настоящую модель DNSMOS зовёт `checking/test_dnsmos.py`: она долго грузится."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tts_framework.components import Mel, Sound, Voice
from tts_framework.errors import DataError
from tts_framework.options import AudioSettings
from tts_framework.speech import mels
from tts_framework.speech.evaluation.copies import griffin_lim_copy, vocoder_copy
from tts_framework.speech.evaluation.naturalness import dnsmos


@pytest.mark.parametrize("samples", [np.zeros(0), np.full(9, np.nan), np.zeros((2, 9))])
def test_what_cannot_be_scored_is_named(samples: np.ndarray) -> None:
    with pytest.raises(DataError, match="bad: .* DNSMOS"):
        dnsmos(Sound("bad", samples, 16000))


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, clips: list[Sound]) -> None:
    monkeypatch.setitem(sys.modules, "speechmos", None)
    with pytest.raises(DataError, match=r"^dnsmos: .*pip install 'tts-framework\[dnsmos\]'"):
        dnsmos(clips[0])


class GriffinLim(Voice):
    """Вокодер без обучения."""

    maps = ("mel", "audio")

    def __call__(self, source: Mel, *, seed: int = 0) -> Sound:
        samples = mels.griffin_lim(source.frames, source.audio, seed=seed)
        return Sound("made", samples, source.audio.sampling_rate)


def test_copies_have_the_rate_of_the_mel_and_the_length_of_the_speech(clips: list[Sound]) -> None:
    speech, audio = clips[0], AudioSettings(sampling_rate=8000, mel_fmax=4000)
    copy = griffin_lim_copy(speech, audio)
    assert copy.sampling_rate == 8000
    assert len(copy.samples) / 8000 == pytest.approx(len(speech.samples) / 16000, abs=0.05)
    assert np.abs(copy.samples).max() <= 1
    same = vocoder_copy(speech, audio, GriffinLim())
    assert np.array_equal(same.samples, copy.samples)
