"""Списки клипов `path|text`: чтение и проверка всего, что в них названо.

Пути в списке — относительно папки самого списка и внутри неё: чужой список не должен заставить
программу читать файлы в другом месте. С `allow_outside` годится любой путь.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from tts_framework.components import Frontend
from tts_framework.errors import DataError
from tts_framework.options import AudioSettings
from tts_framework.speech import normalizing
from tts_framework.speech.audio import Header, mismatches, read_header, read_wav
from tts_framework.speech.fence import Fence
from tts_framework.speech.normalizing import Outcome

MAX_SECONDS = 30.0
"""Предел длины клипа: столько кадров декодера ещё помещается в память при обычной пачке."""

SHOWN = 20
OUTSIDE = "move the file next to the list or set data.allow_outside: true"


@dataclass(frozen=True)
class Clip:
    """Одна запись списка: звуковой файл, текст и место (`source`, номер строки с единицы)."""

    path: Path
    text: str
    line: int
    source: Path = Path()

    @property
    def where(self) -> str:
        """Верни место в виде `train.csv:17`."""
        return f"{self.source}:{self.line}"


def parse(path: Path, allow_outside: bool = False) -> tuple[list[Clip], list[str]]:
    """Разбери список: клипы и проблемы строк `train.csv:17: ...` (пустые строки пропускаются).

    Raises:
        DataError: файла нет или в нём ни одной записи.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror}); 'ttsf data get' makes corpora"
        ) from error
    clips: list[Clip] = []
    problems: list[str] = []
    folder = path.parent
    fence = None if allow_outside else Fence(folder)
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
        if line.strip():
            try:
                name, text = _columns(line)
                if fence is not None:
                    fence.check(name, OUTSIDE)
                clips.append(Clip(folder / name, text, number, path))
            except DataError as error:
                problems.append(f"{path}:{number}: {error}")
    if not clips and not problems:
        raise DataError(f"{path}:1: the list is empty; put lines 'path|text' there")
    return clips, problems


def _columns(line: bytes) -> tuple[str, str]:
    try:
        columns = line.decode("utf-8").split("|")
    except UnicodeDecodeError as error:
        raise DataError(
            f"not UTF-8 (byte 0x{line[error.start]:02x} at position {error.start + 1});"
            " convert the list: iconv -f CP1251 -t UTF-8"
        ) from error
    name = columns[0].strip()
    if len(columns) != 2 or not name or "\0" in name:
        advice = "remove '|' from the text" if len(columns) > 2 else "fix the line"
        raise DataError(f"expected 'path|text', found {len(columns)} column(s); {advice}")
    return name, columns[1].strip()


def read(path: Path, allow_outside: bool = False) -> list[Clip]:
    """Прочитай список, не открывая звуковых файлов.

    Raises:
        DataError: файла нет, он пуст, строки не в UTF-8 или без `|`, текст пуст, путь — наружу.
    """
    clips, problems = parse(path, allow_outside)
    problems += [f"{clip.where}: {_EMPTY}" for clip in clips if not clip.text]
    if problems:
        raise DataError(problems)
    return clips


_EMPTY = "the text is empty; write what is said or remove the line"


def check(
    clips: Sequence[Clip],
    frontend: Frontend,
    audio: AudioSettings,
    *,
    max_seconds: float = MAX_SECONDS,
    outcomes: Mapping[str, Outcome] = MappingProxyType({}),
) -> tuple[list[Clip], list[str]]:
    """Отдели годные клипы; каждая проблема — строка `train.csv:17: wavs/x.wav: ...`.

    Тексты из `outcomes` уже нормализованы: клип получает готовый текст.
    """
    good: list[Clip] = []
    problems: list[str] = []
    for clip in clips:
        outcome = outcomes.get(clip.text) or normalizing.outcome(frontend, clip.text)
        empty = [] if outcome.text or outcome.problems else [_EMPTY]
        found = [*outcome.problems, *empty] + _sound_problems(clip, audio, max_seconds)
        if found:
            problems += [f"{clip.where}: {problem}" for problem in found]
        else:
            good.append(replace(clip, text=outcome.text) if clip.text in outcomes else clip)
    return good, problems


def _sound_problems(clip: Clip, audio: AudioSettings, max_seconds: float) -> list[str]:
    try:
        header = read_header(clip.path)
        found = mismatches(header, audio.sampling_rate) + _length_problems(
            header, audio, max_seconds
        )
        if header.floating and not found:
            read_wav(clip.path, audio.sampling_rate)
    except DataError as error:
        return error.problems
    return [f"{clip.path}: {problem}" for problem in found]


def _length_problems(header: Header, audio: AudioSettings, max_seconds: float) -> list[str]:
    if header.frames == 0:
        return ["no samples; record it again or remove the line"]
    if header.frames <= audio.filter_length // 2:
        return [f"{header.frames} samples are too short for a mel; remove the line"]
    if header.seconds > max_seconds:
        return [
            f"{header.seconds:.1f} s is longer than memory allows ({max_seconds:g} s);"
            " cut it at a pause"
        ]
    return []


def load(
    path: Path,
    frontend: Frontend,
    audio: AudioSettings,
    skip_bad: bool = False,
    warn: Callable[[str], None] = print,
    allow_outside: bool = False,
    cache: Path | None = None,
    progress: normalizing.Report = normalizing.silent,
) -> list[Clip]:
    """Прочитай и проверь список; с `skip_bad` плохие клипы перечисляются и пропускаются.

    С `cache` тексты, для которых фронтенду нужны модели, нормализует отдельный процесс, и один
    раз: итоги остаются в папке кэша, а клипы получают готовый текст.

    Raises:
        DataError: есть плохие клипы (без `skip_bad`) или не осталось ни одного годного.
    """
    clips, malformed = parse(path, allow_outside)
    outcomes: dict[str, Outcome] = {}
    if cache is not None:
        file = normalizing.cache_file(cache, frontend)
        texts = [clip.text for clip in clips]
        outcomes = normalizing.normalize_heavy(frontend, texts, file, progress)
    good, problems = check(clips, frontend, audio, outcomes=outcomes)
    problems = malformed + problems
    if problems and not (skip_bad and good):
        raise DataError([*_shortened(problems), _next_step(path, len(good))])
    if problems:
        left_out = len(clips) - len(good) + len(malformed)
        warn("\n".join([f"{path}: {left_out} bad clip(s) left out:", *problems]))
    return good


def _next_step(path: Path, good: int) -> str:
    if good:
        return f"{path}: {good} clip(s) are good; fix the rest or leave them out with --skip-bad"
    return f"{path}: no good clip is left; fix the list"


def _shortened(problems: list[str]) -> list[str]:
    if len(problems) <= SHOWN:
        return problems
    return [*problems[:SHOWN], f"... and {len(problems) - SHOWN} more problems like these"]
