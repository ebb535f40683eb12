"""Правило сомнения: что откладывается на проверку и почему."""

from __future__ import annotations

import pytest

from tts_framework.components import Transcript
from tts_framework.speech.transcribing.doubts import doubts
from tts_framework.speech.transcribing.settings import Settings

GOOD = "We missed the last train and walked home."


def reasons(text: str, seconds: float = 3.0, confidence: float = 0.9, **settings: float) -> str:
    no_speech = settings.pop("no_speech", 0.0)
    transcript = Transcript(text, confidence, no_speech=no_speech)
    return "; ".join(doubts(transcript, seconds, Settings(**settings), 0.5)[0])


def test_a_clear_clip_is_believed() -> None:
    assert reasons(GOOD) == ""


@pytest.mark.parametrize("text", ["", " ", "...", "!?"])
def test_nothing_heard(text: str) -> None:
    assert reasons(text) == "nothing heard"


def test_low_confidence_by_the_transcriber_or_by_the_option() -> None:
    assert reasons(GOOD, confidence=0.49) == "confidence 0.49 is below 0.50"
    assert reasons(GOOD, confidence=0.9, min_confidence=0.95) == "confidence 0.90 is below 0.95"
    assert reasons(GOOD, confidence=0.1, min_confidence=0.0) == ""


@pytest.mark.parametrize(
    "text",
    [
        "thank you " * 4,
        "so I was so I was so I was so I was so I was",
        "no no no no no",
        "Well, ha" + "ha" * 9,
        "я не знаю, " * 5,
    ],
)
def test_a_loop_is_a_hallucination(text: str) -> None:
    assert "repeats itself" in reasons(text, seconds=20)


@pytest.mark.parametrize("text", ["very very good", "bye bye bye", "dial 1000000000", GOOD * 2])
def test_an_ordinary_repetition_is_not_a_loop(text: str) -> None:
    assert "repeats" not in reasons(text)


def test_a_loop_is_found_in_a_long_text_at_once() -> None:
    assert "repeats itself" not in reasons(" ".join(f"w{n}" for n in range(5000)), seconds=2000)


def test_no_speech_leaves_no_draft() -> None:
    transcript = Transcript("Thank you.", 0.9, no_speech=0.8)
    assert doubts(transcript, 2.0, Settings(), 0.5) == (["no speech (probability 0.80)"], False)


def test_too_fast_and_too_slow() -> None:
    assert reasons(GOOD, seconds=1.0) == "8.0 words/s is above 6"
    assert reasons("Yes.", seconds=10) == "0.1 words/s is below 0.3"
    assert reasons("Yes.", seconds=0.2) == ""
    assert reasons("Yes.", seconds=10, min_words_per_second=0.05) == ""
