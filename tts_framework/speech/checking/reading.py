"""Всё, что лежит в папке корпуса, кроме звука: таблица, списки, лишние файлы, разбор текстов."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from tts_framework.components import Frontend
from tts_framework.errors import DataError
from tts_framework.problems import one_line
from tts_framework.speech import filelist
from tts_framework.speech.checking.corpus import ListLine, Reading
from tts_framework.speech.checking.measuring import Progress
from tts_framework.speech.fence import Fence
from tts_framework.speech.normalizing import normalize_all

LISTS = ("train.csv", "validation.csv", "test.csv")


def extra_files(folder: Path, ids: Iterable[str]) -> list[str]:
    """Верни имена в `wavs`, которых нет в таблице; скрытые файлы не считаются."""
    known = {f"{id}.wav" for id in ids}
    try:
        names = os.listdir(folder / "wavs")
    except OSError:
        return []
    return sorted(one_line(n) for n in names if n not in known and not n.startswith("."))


def read_lists(folder: Path) -> tuple[list[ListLine], list[tuple[str, str]]]:
    """Верни строки списков, какие есть, и негодные строки: место и причина."""
    lines: list[ListLine] = []
    bad: list[tuple[str, str]] = []
    fence = Fence(folder)
    for name in LISTS:
        path = folder / name
        if not path.exists():
            continue
        try:
            clips, problems = filelist.parse(path, allow_outside=True)
        except DataError as error:
            bad += [_located(problem, path) for problem in error.problems]
            continue
        bad += [_located(problem, path) for problem in problems]
        raw = path.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines()
        for clip in clips:
            written = raw[clip.line - 1].decode().partition("|")[0].strip()
            outside = _outside(fence, written)
            id = "" if outside else _id(written)
            lines.append(ListLine(name, clip.line, one_line(written), id, clip.text, outside))
    return lines, bad


def _outside(fence: Fence, path: str) -> str:
    """Скажи, чем путь ведёт наружу; пусто — он внутри."""
    try:
        fence.check(path, "")
    except DataError as error:
        return str(error).removeprefix(repr(path)).strip().rstrip("; ")
    return ""


def _id(path: str) -> str:
    """Верни id клипа по пути `wavs/ID.wav`; пусто, если путь не такой."""
    folder, _, file = os.path.normpath(path).rpartition("/")
    return file.removesuffix(".wav") if folder == "wavs" and file.endswith(".wav") else ""


def _located(problem: str, path: Path) -> tuple[str, str]:
    """Отдели место `train.csv:17` от причины."""
    rest = problem.removeprefix(f"{path}:")
    number, colon, reason = rest.partition(": ")
    return (f"{path.name}:{number}", reason) if colon else (path.name, problem)


def read_texts(
    texts: Iterable[str], frontend: Frontend, cache: Path, progress: Progress
) -> dict[str, Reading]:
    """Прочти тексты фронтендом; то, чему нужны модели, читают другие процессы, итоги — в `cache`.

    Raises:
        DiskFull: кончилось место; прочитанное цело.
    """
    read = normalize_all(frontend, texts, cache / "texts.jsonl", progress)
    return {text: Reading(_first(found.problems), found.text) for text, found in read.items()}


def _first(problems: tuple[str, ...]) -> str:
    """Оставь первую причину и число остальных: длинный текст назвал бы каждый знак."""
    if not problems:
        return ""
    what, semicolon, advice = problems[0].rpartition("; ")
    more = f" and {len(problems) - 1} more problems" if len(problems) > 1 else ""
    return f"{what}{more}; {advice}" if semicolon else f"{problems[0]}{more}"
