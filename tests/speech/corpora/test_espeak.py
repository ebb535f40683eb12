"""espeak: текст становится звуком, знак ударения меняет произнесённое."""

from __future__ import annotations

import numpy as np
import pytest

from tts_framework.errors import DataError
from tts_framework.speech.corpora.espeak import Espeak

pytest.importorskip("espeakng_loader")


def say(text: str, words_per_minute: int = 160) -> np.ndarray:
    return Espeak("ru", words_per_minute).synthesize(text)[0]


def test_a_longer_text_is_a_longer_sound() -> None:
    samples, rate = Espeak("ru", 160).synthesize("Да.")
    longer = say("Да, мы это уже слышали вчера.")
    assert samples.dtype == np.float32
    assert 0.1 * rate < len(samples) < len(longer)
    assert 0.05 < np.abs(longer).max() <= 1


def test_the_same_text_sounds_the_same_whatever_was_said_before() -> None:
    first = say("Привет.")
    say("Нечто иное, и подлиннее.")
    np.testing.assert_array_equal(say("Привет."), first)


def test_a_faster_voice_is_shorter() -> None:
    assert len(say("Мы это уже слышали.", 300)) < len(say("Мы это уже слышали.", 100))


def test_an_unknown_voice_is_named() -> None:
    with pytest.raises(DataError, match="voice: espeak-ng has no voice 'klingon-xx'"):
        Espeak("klingon-xx", 160).synthesize("Да.")
