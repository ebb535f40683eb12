"""Раскладка LJSpeech: `metadata.csv` из строк `id|текст[|текст словами]` и папка `wavs/`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tts_framework.components import BadRecord, Recording
from tts_framework.errors import DataError
from tts_framework.speech.corpora.table import REQUIRED
from tts_framework.speech.fence import Fence
from tts_framework.speech.importing.lists import numbered
from tts_framework.speech.importing.options import LJSpeechLayoutOptions

_CHAPTER = re.compile(r"(.+)-\d+")


def recordings(config: LJSpeechLayoutOptions, source: Path) -> Iterator[Recording | BadRecord]:
    """Перечисли записи; имя может быть и путём `wavs/x.wav`."""
    for where, line in numbered(source / "metadata.csv", Fence(source)):
        columns = [column.strip() for column in line.split("|")]
        if where.endswith(":1") and columns[:4] == list(REQUIRED):
            raise DataError(f"{where}: this is a corpus folder already; use it as it is")
        problem = malformed(columns)
        if problem:
            yield BadRecord(where, problem)
            continue
        name = columns[0]
        wav = source / name if "/" in name else source / "wavs" / name
        if wav.suffix.lower() != ".wav":
            wav = wav.with_name(f"{wav.name}.wav")
        chapter = _CHAPTER.fullmatch(wav.stem)
        yield Recording(
            wav.stem,
            text(columns, config.normalized),
            wav,
            config.speaker,
            source=chapter[1] if chapter else "",
            where=where,
        )


def malformed(columns: list[str]) -> str:
    """Назови, чем строка негодна; пусто — годна."""
    if len(columns) not in (2, 3) or not columns[0] or "\0" in columns[0]:
        advice = "remove '|' from the text" if len(columns) > 3 else "fix the line"
        return (
            f"expected 'id|text' or 'id|text|normalized text', found {len(columns)} column(s);"
            f" {advice}"
        )
    return ""


def text(columns: list[str], normalized: bool) -> str:
    """Выбери текст записи."""
    return (columns[2] if normalized and len(columns) > 2 else "") or columns[1]
