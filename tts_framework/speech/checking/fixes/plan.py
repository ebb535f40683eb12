"""Что сделать с каждым клипом: оставить, исправить или не брать, и почему."""

from __future__ import annotations

from dataclasses import dataclass

from tts_framework.speech.checking.corpus import Clip, Corpus
from tts_framework.speech.checking.files import Trouble
from tts_framework.speech.checking.measures import WAV_FORMATS, Measures
from tts_framework.speech.checking.rules.duplicates import same_sound, text_key


@dataclass(frozen=True, slots=True)
class Plan:
    """Правки одного клипа; `start` и `end` — оставляемая часть исходного звука, с."""

    clip: Clip
    sound: Measures
    actions: tuple[str, ...]
    start: float
    end: float


def plan(corpus: Corpus) -> tuple[list[Plan], dict[str, str]]:
    """Раздели клипы: правки тех, что остаются, и причины тех, что нет (id -> причина)."""
    dropped = _dropped(corpus)
    return [
        _planned(corpus, clip, clip.sound)
        for clip in corpus.clips
        if clip.row.id not in dropped and isinstance(clip.sound, Measures)
    ], dropped


def _dropped(corpus: Corpus) -> dict[str, str]:
    reasons: dict[str, str] = {}
    for clip in corpus.clips:
        reason = _useless(clip, corpus)
        if reason:
            reasons[clip.row.id] = reason
    for first, *others in same_sound(corpus).values():
        if len({text_key(clip) for clip in (first, *others)}) > 1:
            names = ", ".join(clip.row.id for clip in (first, *others))
            reason = f"the same sound has different texts and none can be trusted: {names}"
            reasons |= {clip.row.id: reason for clip in (first, *others)}
        else:
            reasons |= {clip.row.id: f"the same sound as {first.row.id}" for clip in others}
    return reasons


def _useless(clip: Clip, corpus: Corpus) -> str:
    sound, settings = clip.sound, corpus.settings
    if corpus.wavs_outside:
        return "the folder wavs leads out of the corpus"
    if isinstance(sound, Trouble):
        return sound.reason
    if sound.not_finite:
        return f"{sound.not_finite} samples are NaN or infinite"
    if sound.peak - abs(sound.dc) < settings.silent_peak:
        return "nothing is heard"
    if sound.seconds > settings.max_seconds:
        return f"{sound.seconds:.1f} s is too long; cut it at a pause: ttsf data segment"
    return ""


def _planned(corpus: Corpus, clip: Clip, sound: Measures) -> Plan:
    settings, actions = corpus.settings, []
    start, end = 0.0, sound.seconds
    if sound.container not in WAV_FORMATS:
        actions.append("wav")
    if sound.channels != 1:
        actions.append("mono")
    if sound.rate != corpus.rate:
        actions.append("resample")
    if sound.subtype != "PCM_16":
        actions.append("pcm16")
    if abs(sound.dc) > settings.dc_offset:
        actions.append("dc")
    if sound.head > settings.edge_silence:
        start = max(0.0, sound.head - settings.edge_margin)
    if sound.tail > settings.edge_silence:
        end = min(end, sound.seconds - sound.tail + settings.edge_margin)
    if end - start < sound.seconds:
        actions.append("trim")
    return Plan(clip, sound, tuple(actions), start, end)
