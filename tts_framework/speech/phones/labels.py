"""Метки фонов festvox рядом с клипом: `labels/ID.lab` возле папки `wavs`."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tts_framework.errors import DataError
from tts_framework.speech.importing import labels

_LONGEST_FILE = 1 << 20


class Phone(NamedTuple):
    """Фон и его конец, секунды; начало - конец предыдущего."""

    name: str
    end: float


def beside(wav: Path) -> Path:
    """Верни путь меток клипа: `labels` возле `wavs`, иначе возле самого клипа."""
    folder = wav.parent.parent if wav.parent.name == "wavs" else wav.parent
    return folder / "labels" / f"{wav.stem}.lab"


def read(path: Path, seconds: float) -> list[Phone]:
    """Прочитай фоны клипа такой длины; нет файла или фонов - пустой список.

    Raises:
        DataError: метки не читаются, идут не по порядку или длиннее клипа.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST_FILE + 1)
        if len(content) > _LONGEST_FILE:
            raise DataError(f"{path}: is too long for the labels of a clip; remove it")
        text = content.decode("utf-8")
        labels.check(text, seconds)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); check it") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: is not UTF-8; make the labels again or remove it") from error
    except DataError as error:
        where = [
            f"{path}: {problem}; make the labels again or remove them" for problem in error.problems
        ]
        raise DataError(where) from error
    lines = (line.split() for line in text.partition("#")[2].splitlines())
    return [Phone(fields[2], float(fields[0])) for fields in lines if fields]


def is_pause(name: str) -> bool:
    """Узнай паузу среди имён фонов разных наборов."""
    return name.lower() in _PAUSES


_PAUSES = frozenset({labels.PAUSE, "sil", "sp", "spn", "pause", "h#", "#", "_", "ssil", "brth"})
