"""Правило сомнения: почему услышанному нельзя верить без человека."""

from __future__ import annotations

import re

from tts_framework.components import Transcript
from tts_framework.speech.transcribing.letters import letters
from tts_framework.speech.transcribing.settings import Settings

# Расшифровщик зациклился: до восьми слов подряд четыре раза или слог подряд восемь раз.
_LOOP = re.compile(r"(?:^| )((?:\S+ ){1,8}?)\1{3,}|([^\s\d]{1,6}?)\2{7,}")
SHORT = 1.0
"""Клип короче этого, с, по числу слов в секунду не судят."""


def doubts(
    transcript: Transcript, seconds: float, settings: Settings, trusted: float
) -> tuple[list[str], bool]:
    """Назови причины сомнения и скажи, годится ли услышанное как черновик текста.

    `trusted` — порог уверенности расшифровщика; `settings.min_confidence` важнее.
    """
    words = letters(transcript.text).split()
    if not words:
        return ["nothing heard"], False
    unusable = []
    if transcript.no_speech > settings.max_no_speech:
        unusable.append(f"no speech (probability {transcript.no_speech:.2f})")
    if _LOOP.search(" ".join([*words, ""])):
        unusable.append("repeats itself")
    threshold = trusted if settings.min_confidence is None else settings.min_confidence
    doubtful = []
    if transcript.confidence < threshold:
        doubtful.append(f"confidence {transcript.confidence:.2f} is below {threshold:.2f}")
    doubtful += _pace(len(words), seconds, settings)
    return [*unusable, *doubtful], not unusable


def _pace(words: int, seconds: float, settings: Settings) -> list[str]:
    rate = words / max(seconds, SHORT)
    if rate > settings.max_words_per_second:
        return [f"{rate:.1f} words/s is above {settings.max_words_per_second:g}"]
    if seconds >= SHORT and rate < settings.min_words_per_second:
        return [f"{rate:.1f} words/s is below {settings.min_words_per_second:g}"]
    return []
