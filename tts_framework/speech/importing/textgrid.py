"""Раскладка Praat: рядом с каждой записью `X.wav` её разметка `X.TextGrid` (как у MFA)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tts_framework.components import BadRecord, Phone, Recording
from tts_framework.errors import DataError
from tts_framework.speech.fence import Fence
from tts_framework.speech.importing import praat
from tts_framework.speech.importing.lists import INSIDE, SILENCES, shown
from tts_framework.speech.importing.options import TextGridOptions
from tts_framework.speech.importing.praat import Interval, TextGrid

SUFFIX = ".textgrid"
SOUNDS = (".wav", ".flac", ".mp3", ".ogg")
SHORTEST_GAP = 0.05
"""В промежутке короче, с, слово не кончилось: там не режут."""


@dataclass(frozen=True)
class _Clip:
    """Будущий клип; `start` None — файл целиком."""

    text: str
    start: float | None = None
    end: float | None = None


def grids(source: Path) -> Iterator[Path]:
    """Перечисли разметки под папкой, по порядку имён."""
    yield from sorted(path for path in source.rglob("*") if path.suffix.lower() == SUFFIX)


def recordings(config: TextGridOptions, source: Path) -> Iterator[Recording | BadRecord]:
    """Перечисли клипы всех записей.

    Raises:
        DataError: разметок нет.
    """
    fence, empty = Fence(source), True
    for path in grids(source):
        empty = False
        try:
            fence.check_inside(path, INSIDE)
            yield from _of_one(config, source, path)
        except DataError as error:
            yield BadRecord(shown(path), str(error).removeprefix(f"{shown(path)}: "))
    if empty:
        raise DataError(f"{source}: no *.TextGrid; is it the right layout and folder?")


def _of_one(config: TextGridOptions, source: Path, path: Path) -> Iterator[Recording | BadRecord]:
    wav = next((path.with_suffix(s) for s in SOUNDS if path.with_suffix(s).exists()), None)
    if wav is None:
        raise DataError(f"no sound beside it ({', '.join(SOUNDS)}); put it there")
    grid = praat.read(path)
    name, folder = _name(path.relative_to(source))
    number, tiers = 0, _spoken_tiers(config, grid)
    for prefix, tier in tiers:
        phones = grid.tiers.get(f"{prefix}{config.phones}", ())
        for clip in _clips(config, grid, tier):
            number += 1
            whole = clip.start is None
            yield Recording(
                name if whole and len(tiers) == 1 else f"{name}_{number:04}",
                clip.text,
                wav,
                prefix.removesuffix(" - ") or folder,
                start=clip.start,
                end=clip.end,
                source="" if whole else name,
                phones=_phones(phones, clip.start or 0.0, clip.end or grid.end),
                where=shown(path),
            )
    if number == 0:
        raise DataError("no word in its tiers; remove it or choose another tier")


def _name(relative: Path) -> tuple[str, str]:
    """Верни имя записи и папку диктора: `anna/day1.TextGrid` -> `anna_day1`, `anna`."""
    stem, folders = relative.stem, relative.parts[:-1]
    if not folders:
        return stem, ""
    name = stem if stem.startswith(folders[-1]) else "_".join([*folders, stem])
    return name, folders[0]


def _spoken_tiers(
    config: TextGridOptions, grid: TextGrid
) -> list[tuple[str, tuple[Interval, ...]]]:
    """Найди слои речи: `words`, `Анна - words` или названный в options."""
    wanted = config.utterances or config.words
    found = [
        (name.removesuffix(wanted), tier)
        for name, tier in grid.tiers.items()
        if name == wanted or name.endswith(f" - {wanted}")
    ]
    if not found:
        names = ", ".join(grid.tiers) or "none"
        raise DataError(f"no tier {wanted!r}; found: {names}; name one with --set utterances=NAME")
    return found


def _clips(config: TextGridOptions, grid: TextGrid, tier: Sequence[Interval]) -> Iterator[_Clip]:
    spoken = [interval for interval in tier if interval.text.lower() not in SILENCES]
    if config.utterances:
        yield from (_Clip(one.text, one.start, one.end) for one in spoken)
    elif spoken and grid.end <= config.max_seconds:
        yield _Clip(_text(spoken))
    elif spoken:
        runs = [run for long in _runs(spoken, config.pause) for run in _shortened(config, long)]
        ends = [0.0, *(run[-1].end for run in runs)]
        starts = [*(run[0].start for run in runs), grid.end]
        for number, run in enumerate(runs):
            before, after = starts[number] - ends[number], starts[number + 1] - ends[number + 1]
            yield _Clip(
                _text(run),
                run[0].start - max(0.0, min(config.margin, before / 2)),
                run[-1].end + max(0.0, min(config.margin, after / 2)),
            )


def _runs(words: Sequence[Interval], pause: float) -> list[list[Interval]]:
    """Раздели слова по паузам не короче `pause`."""
    runs = [[words[0]]]
    for word in words[1:]:
        if word.start - runs[-1][-1].end >= pause:
            runs.append([])
        runs[-1].append(word)
    return runs


def _shortened(config: TextGridOptions, run: list[Interval]) -> list[list[Interval]]:
    """Режь слишком длинное в самой длинной паузе, пока она есть."""
    done: list[list[Interval]] = []
    waiting = [run]
    while waiting:
        words = waiting.pop()
        gaps = [after.start - before.end for before, after in zip(words, words[1:])]
        place = max(range(len(gaps)), key=gaps.__getitem__, default=-1)
        too_long = words[-1].end - words[0].start > config.max_seconds
        if too_long and place >= 0 and gaps[place] >= SHORTEST_GAP:
            waiting += [words[place + 1 :], words[: place + 1]]
        else:
            done.append(words)
    return done


def _text(words: Sequence[Interval]) -> str:
    return " ".join(word.text for word in words)


def _phones(tier: Sequence[Interval], start: float, end: float) -> tuple[Phone, ...]:
    """Верни фоны, чья середина внутри клипа, с временами от его начала."""
    return tuple(
        Phone(phone.text or "pau", max(phone.start, start) - start, min(phone.end, end) - start)
        for phone in tier
        if start <= (phone.start + phone.end) / 2 < end
    )
