"""Длительности символов клипа, выгруженные любой акустической моделью: `durations/ID.json`.

    {"format": "ttsf-durations", "version": 1, "symbols": ["п", "р", ...], "ends": [0.21, 0.3, ...]}

`symbols` - то, что вернул фронтенд (`Frontend.encode`), `ends` - конец каждого символа в секундах
от начала клипа: так файл не зависит от шага окна. Лежит возле папки `wavs`, как метки фонов.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tts_framework.errors import DataError
from tts_framework.speech import disk

FORMAT, VERSION = "ttsf-durations", 1
SLACK_SECONDS = 0.1
_LONGEST_FILE = 1 << 20
_AGAIN = "export the durations again"


def beside(wav: Path) -> Path:
    """Верни путь длительностей клипа: `durations` возле `wavs`, иначе возле самого клипа."""
    folder = wav.parent.parent if wav.parent.name == "wavs" else wav.parent
    return folder / "durations" / f"{wav.stem}.json"


def write(path: Path, symbols: Sequence[str], ends: Sequence[float]) -> None:
    """Запиши концы символов клипа атомарно.

    Raises:
        DiskFull: кончилось место; DataError: сюда нельзя писать.
    """
    document = {
        "format": FORMAT,
        "version": VERSION,
        "symbols": list(symbols),
        "ends": [round(float(end), 5) for end in ends],
    }
    disk.write(path, (json.dumps(document, ensure_ascii=False) + "\n").encode())


def read(path: Path, symbols: Sequence[str], seconds: float) -> NDArray[np.float64] | None:
    """Верни концы символов `[N]`, секунды; файла нет - None.

    Raises:
        DataError: файл не читается, повреждён или от другого текста, клипа или фронтенда.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST_FILE + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); check it") from error
    if len(content) > _LONGEST_FILE:
        raise DataError(f"{path}: is too long for the durations of a clip; {_AGAIN}")
    try:
        document = json.loads(content)
        if (document["format"], document["version"]) != (FORMAT, VERSION):
            raise ValueError("another format or version")
        said, ends = list(document["symbols"]), [_seconds(end) for end in document["ends"]]
    except (RecursionError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path}: is damaged ({error}); {_AGAIN}") from error
    if said != list(symbols):
        raise DataError(
            f"{path}: has the durations of {len(said)} symbols of another text or front end"
            f" ({len(symbols)} here); {_AGAIN} with this front end"
        )
    found = np.array(ends)
    if len(found) != len(symbols) or (np.diff(found, prepend=0.0) < 0).any():
        raise DataError(f"{path}: the ends are not one per symbol in order; {_AGAIN}")
    if abs(found[-1] - seconds) > SLACK_SECONDS:
        raise DataError(f"{path}: ends at {found[-1]:.2f} s, the clip at {seconds:.2f} s; {_AGAIN}")
    return found


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a time")
    return float(value)
