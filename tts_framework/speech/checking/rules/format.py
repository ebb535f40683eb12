"""Формат звука: частота, каналы, разрядность, контейнер."""

from __future__ import annotations

from collections.abc import Iterator

from tts_framework.speech.checking.corpus import Corpus
from tts_framework.speech.checking.findings import ERROR, NOTE, WARNING, Finding
from tts_framework.speech.checking.measures import WAV_FORMATS
from tts_framework.speech.checking.rules.base import Rule

FIX = "--fix makes a copy that is right"


def sample_rate(corpus: Corpus) -> Iterator[Finding]:
    """Найди клипы не той частоты."""
    for clip, sound in corpus.measured():
        if sound.rate != corpus.rate:
            reason = f"sample rate {sound.rate} Hz, expected {corpus.rate} Hz"
            yield clip.finding("sample_rate", ERROR, reason, FIX, sound.rate, corpus.rate)


def channels(corpus: Corpus) -> Iterator[Finding]:
    """Найди клипы не моно."""
    for clip, sound in corpus.measured():
        if sound.channels != 1:
            reason = f"{sound.channels} channels, expected 1"
            yield clip.finding("channels", ERROR, reason, FIX, sound.channels, 1)


def bit_depth(corpus: Corpus) -> Iterator[Finding]:
    """Найди клипы не в PCM16: 8 бит шумят, остальное лишь занимает место."""
    for clip, sound in corpus.measured():
        if sound.bits == 8 and sound.peak >= corpus.settings.silent_peak:
            stored = "" if sound.subtype == "PCM_U8" else f" stored as {sound.subtype}"
            reason = f"8 bits per sample{stored}, expected 16: quantization noise is audible"
            advice = "find the original recording; no tool restores the lost bits"
            yield clip.finding("bit_depth", WARNING, reason, advice, 8, 16)
        elif sound.subtype != "PCM_16":
            reason = f"samples are {sound.subtype}, expected PCM_16"
            yield clip.finding("bit_depth", NOTE, reason, FIX)


def container(corpus: Corpus) -> Iterator[Finding]:
    """Найди файлы .wav, внутри которых не WAV: чужой тренер их не прочтёт."""
    for clip, sound in corpus.measured():
        if sound.container not in WAV_FORMATS:
            reason = f"named .wav but holds {sound.container}, expected WAV"
            yield clip.finding("container", WARNING, reason, FIX)


RULES = (
    Rule("sample_rate", "the rate is not the expected one or rates are mixed", sample_rate),
    Rule("channels", "the clip is not mono", channels),
    Rule("bit_depth", "samples are not 16-bit PCM", bit_depth),
    Rule("container", "the file is not WAV inside", container),
)
