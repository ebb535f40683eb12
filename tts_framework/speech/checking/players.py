"""Звук худших клипов для страницы: FLAC в `data:`, общий размер ограничен."""

from __future__ import annotations

import base64
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from tts_framework.speech.checking.corpus import Clip
from tts_framework.speech.checking.findings import Finding
from tts_framework.speech.checking.measures import Measures
from tts_framework.speech.checking.report import Report
from tts_framework.speech.corpora import table

WORST = 24
POOL = 2000
ALIKE = 3
"""Столько клипов с одним набором правил показывается, пока есть другие."""
SECONDS = 30
BYTES = 12_000_000
"""Столько base64 помещается на страницу: больше не открыть на телефоне и не послать письмом."""


@dataclass(frozen=True)
class Player:
    """Худший клип: находки и звук; `sound` пуст, когда `silence` объясняет, почему."""

    id: str
    text: str
    findings: list[Finding]
    sound: str
    silence: str


def players(report: Report) -> list[Player]:
    """Собери худшие клипы со звуком; не поместившиеся остаются без него."""
    room = BYTES
    found = []
    for id, findings in varied(report.worst(POOL)):
        clip = report.corpus.by_id[id]
        sound, silence = _sound(report.corpus.folder, clip, room)
        room -= len(sound)
        found.append(Player(id, clip.row.text, findings, sound, silence))
    return found


def varied(worst: list[tuple[str, list[Finding]]]) -> list[tuple[str, list[Finding]]]:
    """Отбери `WORST` клипов так, чтобы один вид беды не вытеснил остальные."""
    seen: Counter[frozenset[str]] = Counter()
    first: list[tuple[str, list[Finding]]] = []
    rest: list[tuple[str, list[Finding]]] = []
    for id, findings in worst:
        kind = frozenset(finding.rule for finding in findings)
        seen[kind] += 1
        (first if seen[kind] <= ALIKE else rest).append((id, findings))
    return [*first, *rest][:WORST]


def _sound(folder: Path, clip: Clip, room: int) -> tuple[str, str]:
    if not isinstance(clip.sound, Measures):
        return "", "the file cannot be played"
    try:
        encoded = base64.b64encode(flac(table.wav(folder, clip.row.id))).decode()
    except (soundfile.LibsndfileError, RuntimeError, OSError, ValueError):
        return "", "the file cannot be played"
    if len(encoded) > room:
        return "", "left out: the page has reached its size"
    return f"data:audio/flac;base64,{encoded}", ""


def flac(path: Path) -> bytes:
    """Перекодируй начало клипа: моно, 16 бит, без потерь."""
    with soundfile.SoundFile(str(path)) as file:
        raw = file.read(SECONDS * file.samplerate, dtype="float32", always_2d=True)
        rate = file.samplerate
    mono = np.clip(np.nan_to_num(raw.mean(axis=1)), -1.0, 1.0)
    buffer = io.BytesIO()
    soundfile.write(buffer, mono, rate, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()
