"""Повторы: тот же звук, почти тот же звук, тот же текст."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Callable, Iterator

import numpy as np

from tts_framework.speech.checking.corpus import Clip, Corpus
from tts_framework.speech.checking.findings import ERROR, NOTE, WARNING, Finding
from tts_framework.speech.checking.measures import Measures
from tts_framework.speech.checking.rules.base import Rule

CORE_SLACK = 0.08
"""Настолько может отличаться громкая часть почти одинаковых клипов, с (и 2%)."""
BLOCK = 512
MAX_PAIRS = 100_000


def same_sound(corpus: Corpus) -> dict[str, list[Clip]]:
    """Собери клипы с одинаковыми отсчётами; группы по два и больше, в порядке таблицы."""
    groups: dict[str, list[Clip]] = defaultdict(list)
    for clip, sound in corpus.voiced():
        groups[sound.digest].append(clip)
    return {digest: clips for digest, clips in groups.items() if len(clips) > 1}


def audio(corpus: Corpus) -> Iterator[Finding]:
    """Найди одинаковый звук; с разными текстами хотя бы один из них неверен."""
    for first, *others in same_sound(corpus).values():
        for clip in others:
            same = text_key(clip) == text_key(first)
            yield clip.finding(
                "audio_duplicate",
                WARNING if same else ERROR,
                f"the same samples as {first.row.id} (line {first.line})"
                + ("" if same else ", but another text"),
                "remove one" if same else "find out which text is right and remove the other",
            )


def near(corpus: Corpus) -> Iterator[Finding]:
    """Найди почти одинаковый звук: другая громкость, шум, обрезка, перекодировка."""
    found: dict[str, tuple[Clip, Clip, float]] = {}
    for first, second, likeness in alike(corpus):
        earlier, later = sorted((first, second), key=lambda clip: clip.line)
        if likeness > found.get(later.row.id, (None, None, 0.0))[2]:
            found[later.row.id] = (later, earlier, likeness)
    for later, earlier, likeness in found.values():
        yield later.finding(
            "near_duplicate",
            WARNING,
            f"sounds like {earlier.row.id} (line {earlier.line}): likeness {likeness:.3f},"
            f" the limit is {corpus.settings.near_duplicate:g}",
            "listen to both and remove one if it is the same recording",
            likeness,
            corpus.settings.near_duplicate,
        )


def alike(corpus: Corpus) -> Iterator[tuple[Clip, Clip, float]]:
    """Сравни отпечатки клипов близкой длительности; время — по числу таких пар."""
    known = [(clip, sound) for clip, sound in corpus.voiced() if sound.shape]
    known.sort(key=lambda pair: pair[1].core)
    if len(known) < 2:
        return
    core = np.array([sound.core for _, sound in known])
    vectors = _vectors([sound for _, sound in known])
    last = np.searchsorted(core, core * 1.02 + CORE_SLACK, side="right")
    pairs = 0
    for start in range(0, len(known), BLOCK):
        block = vectors[start : start + BLOCK]
        for left in range(start, int(last[start : start + BLOCK].max()), BLOCK):
            scores = block @ vectors[left : left + BLOCK].T
            for i, j in zip(*np.nonzero(scores >= corpus.settings.near_duplicate)):
                a, b = start + int(i), left + int(j)
                (one, x), (other, y) = known[a], known[b]
                if a < b < last[a] and x.digest != y.digest:
                    yield one, other, float(scores[i, j])
                    pairs += 1
        if pairs > MAX_PAIRS:  # одинаковый звон вместо речи: пар квадрат, всех не перечислить
            return


def _vectors(sounds: list[Measures]) -> np.ndarray:
    raw = np.stack([np.frombuffer(base64.b64decode(s.shape), np.int8) for s in sounds])
    vectors = raw.astype(np.float32)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)


def text_key(clip: Clip) -> str:
    """Верни буквы текста без регистра и знаков: по ним узнают повтор."""
    return "".join(filter(str.isalnum, clip.row.text.casefold()))


def groups(clips: list[Clip], key: Callable[[Clip], str]) -> Iterator[list[Clip]]:
    """Собери клипы с одним непустым ключом, по два и больше."""
    found: dict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        found[key(clip)].append(clip)
    return (group for name, group in found.items() if name and len(group) > 1)


def text(corpus: Corpus) -> Iterator[Finding]:
    """Найди повторы текста у одного голоса."""
    for first, *others in groups(
        list(corpus.clips), lambda clip: text_key(clip) and f"{clip.row.speaker}|{text_key(clip)}"
    ):
        for clip in others:
            reason = f"the same text as {first.row.id} (line {first.line})"
            yield clip.finding("text_duplicate", NOTE, reason, "keep the better reading")


RULES = (
    Rule("audio_duplicate", "two clips have the same samples", audio),
    Rule("near_duplicate", "two clips sound nearly the same", near),
    Rule("text_duplicate", "two clips of a voice have the same text", text),
)
