"""Что судят: клипы списка и трудные фразы, проверенные до начала работы."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tts_framework.components import Phrase, Sound
from tts_framework.errors import DataError
from tts_framework.evaluation.sentences import hard_sentences
from tts_framework.speech import filelist
from tts_framework.speech.audio import mismatches, read_header, read_wav
from tts_framework.speech.text import ENGLISH_LETTERS, RUSSIAN_LETTERS

CLIP = "clip"
SHORTEST_SECONDS, LONGEST_SECONDS = 0.1, 60.0
_SHOWN = 20
_ALPHABETS = {"ru": frozenset(RUSSIAN_LETTERS), "en": frozenset(ENGLISH_LETTERS)}


@dataclass(frozen=True)
class Item:
    """Один текст; `path` - его настоящая запись, у трудной фразы её нет.

    `kind` - `clip` или вид фразы, `where` - место в файле, `name` - безопасное имя для файлов.
    """

    text: str
    kind: str
    where: str
    path: Path | None = None
    name: str = field(init=False, default="")

    def __post_init__(self) -> None:
        place = str(self.path.absolute()) if self.path else ""
        content = f"{place}\n{self.text}".encode("utf-8", "surrogateescape")
        stem = re.sub(r"\W+", "_", self.path.stem if self.path else self.kind)[:40]
        object.__setattr__(self, "name", f"{stem}-{hashlib.sha256(content).hexdigest()[:10]}")

    @property
    def is_clip(self) -> bool:
        """Скажи, есть ли у текста настоящая запись."""
        return self.path is not None


def of_list(path: Path, limit: int | None = None, allow_outside: bool = False) -> list[Item]:
    """Прочти список `path|text`; из длинного возьми `limit` клипов через равные промежутки.

    Raises:
        DataError: список не читается или пуст.
    """
    clips = filelist.read(path, allow_outside)
    places = np.linspace(0, len(clips) - 1, min(limit or len(clips), len(clips)))
    chosen = [clips[round(place)] for place in places]
    return [Item(clip.text, CLIP, clip.where, clip.path) for clip in chosen]


def of_sentences(source: str) -> list[Item]:
    """Прочти трудные фразы: список пакета или файл; повторы остаются по одному разу.

    Raises:
        DataError: список не читается.
    """
    found = [Item(s.text, s.kind, f"{source}:{s.line}") for s in hard_sentences(source)]
    return list({item.name: item for item in found}.values())


def language_of(items: Sequence[Item]) -> str:
    """Узнай язык по буквам: `ru`, `en` или пусто, если буквы других языков."""
    letters = {char for item in items for char in item.text.lower() if char.isalpha()}
    fitting = [name for name, known in _ALPHABETS.items() if letters and letters <= known]
    return fitting[0] if fitting else ""


def checked(
    items: Sequence[Item],
    phrases: Callable[[str], list[Phrase]],
    skip_bad: bool = False,
    warn: Callable[[str], None] = print,
) -> list[Item]:
    """Отдели то, что можно и прочесть голосом, и сравнить с записью.

    Raises:
        DataError: названо всё негодное (без `skip_bad`) или ничего не осталось.
    """
    good, problems = [], []
    for item in items:
        found = _problems(item, phrases)
        problems += [f"{item.where}: {problem}" for problem in found]
        if not found:
            good.append(item)
    if problems and not (skip_bad and good):
        left = [f"... and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
        advice = f"{len(good)} text(s) are good; fix the rest or leave them out with --skip-bad"
        raise DataError([*problems[:_SHOWN], *left, advice if good else "nothing is left to judge"])
    for problem in problems:
        warn(f"left out: {problem}")
    return good


def _problems(item: Item, phrases: Callable[[str], list[Phrase]]) -> list[str]:
    try:
        if item.path is not None:
            header = read_header(item.path)
            found = mismatches(header, header.sampling_rate)
            if not SHORTEST_SECONDS <= header.seconds <= LONGEST_SECONDS:
                found.append(
                    f"{header.seconds:.2f} s; from {SHORTEST_SECONDS} to {LONGEST_SECONDS:g} s"
                    " can be judged"
                )
            if found:
                return [f"{item.path}: {problem}" for problem in found]
            if not sound_of(item.path).samples.any():
                return [f"{item.path}: holds silence; record it again or remove the line"]
        return [] if phrases(item.text) else ["there is nothing to say"]
    except DataError as error:
        return error.problems


def sound_of(path: Path) -> Sound:
    """Прочти моно-запись вместе с её частотой.

    Raises:
        DataError: файл негоден.
    """
    rate = read_header(path).sampling_rate
    return Sound(path.stem, read_wav(path, rate), rate)
