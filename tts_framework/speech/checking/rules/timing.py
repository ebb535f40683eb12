"""Длительность и темп речи."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tts_framework.speech.checking.corpus import Clip, Corpus
from tts_framework.speech.checking.findings import ERROR, WARNING, Finding
from tts_framework.speech.checking.rules.base import Rule
from tts_framework.speech.checking.spread import outliers

NARROWEST_LOG = 0.1
"""Сигма логарифма темпа не меньше этой: 10% разницы — не выброс и в самом ровном чтении."""
PRIOR_LETTERS = 10
"""Столько букв со средним темпом добавляется: темп короткой реплики сам по себе скачет."""
USUAL = 14.0
SHORTEST_SPEECH = 0.3
"""Самая короткая речь, у которой темп есть смысл мерить, с."""


def duration(corpus: Corpus) -> Iterator[Finding]:
    """Найди слишком длинные и короткие клипы."""
    settings = corpus.settings
    for clip, sound in corpus.measured():
        if sound.seconds > settings.max_seconds:
            reason = f"{sound.seconds:.1f} s is longer than {settings.max_seconds:g} s"
            advice = "training refuses it; cut it at a pause: ttsf data segment"
            yield clip.finding(
                "duration", ERROR, reason, advice, sound.seconds, settings.max_seconds
            )
        elif sound.seconds < settings.min_seconds:
            reason = f"{sound.seconds:.2f} s is shorter than {settings.min_seconds:g} s"
            advice = "listen to it and remove the line if a word is cut"
            yield clip.finding(
                "duration", WARNING, reason, advice, sound.seconds, settings.min_seconds
            )


def duration_outliers(corpus: Corpus) -> Iterator[Finding]:
    """Найди клипы, чья длительность далека от остальных."""
    settings = corpus.settings
    values = (
        (clip, math.log(sound.seconds))
        for clip, sound in corpus.measured()
        if settings.min_seconds <= sound.seconds <= settings.max_seconds
    )
    for clip, value, median, sigmas in outliers(
        values, sigmas=settings.outlier, narrowest=2 * NARROWEST_LOG, clips=settings.outlier_clips
    ):
        seconds = math.exp(value)
        yield clip.finding(
            "duration_outlier",
            WARNING,
            f"{seconds:.2f} s is far from the voice's median {math.exp(median):.2f} s"
            f" ({sigmas:.0f} sigmas, limit {settings.outlier:g})",
            "listen to it: the cut may be wrong",
            seconds,
            math.exp(median),
        )


def impossible(clip: Clip, speech: float, corpus: Corpus) -> tuple[float, float] | None:
    """Верни темп и нарушенный предел, если такой речи не бывает."""
    settings, rate = corpus.settings, clip.letters / speech
    if rate > settings.max_letters_per_second and clip.letters > PRIOR_LETTERS:
        return rate, settings.max_letters_per_second
    if rate < settings.min_letters_per_second and speech > 2:
        return rate, settings.min_letters_per_second
    return None


def text_length(corpus: Corpus) -> Iterator[Finding]:
    """Найди тексты, которых в этом звуке быть не может."""
    for clip, speech in _spoken(corpus):
        found = impossible(clip, speech, corpus)
        if found is not None:
            rate, limit = found
            word = "long" if rate > limit else "short"
            yield clip.finding(
                "text_length",
                ERROR,
                f"the text is too {word} for its sound: {clip.letters} letters in {speech:.2f} s"
                f" of speech is {rate:.1f} per second, the limit is {limit:g}",
                "listen to it: the text may belong to another clip",
                rate,
                limit,
            )


def speaking_rate(corpus: Corpus) -> Iterator[Finding]:
    """Найди речь быстрее или медленнее остальной."""
    settings = corpus.settings
    values = (
        (clip, math.log((clip.letters + PRIOR_LETTERS) / (speech + PRIOR_LETTERS / USUAL)))
        for clip, speech in _spoken(corpus)
        if impossible(clip, speech, corpus) is None
    )
    speeches = {clip.row.id: speech for clip, speech in _spoken(corpus)}
    for clip, value, median, sigmas in outliers(
        values, sigmas=settings.outlier, narrowest=NARROWEST_LOG, clips=settings.outlier_clips
    ):
        rate = clip.letters / speeches[clip.row.id]
        yield clip.finding(
            "speaking_rate",
            WARNING,
            f"{rate:.1f} letters per second, the voice's median is about {math.exp(median):.1f}"
            f" ({sigmas:.0f} sigmas, limit {settings.outlier:g})",
            "listen to it: the text may not be what is said",
            rate,
            math.exp(median),
        )


def _spoken(corpus: Corpus) -> Iterator[tuple[Clip, float]]:
    for clip, sound in corpus.voiced():
        if clip.letters and sound.speech >= SHORTEST_SPEECH:
            yield clip, sound.speech


RULES = (
    Rule("duration", "the clip is too long or too short", duration),
    Rule("duration_outlier", "the duration is far from the voice's median", duration_outliers),
    Rule("text_length", "the text cannot be said in this time", text_length),
    Rule("speaking_rate", "the rate of speech is far from the voice's median", speaking_rate),
)
