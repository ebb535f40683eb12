"""Отбор клипов и деление на выборки: одно зерно — один ответ, рост `limit` его не меняет."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from tts_framework.components import Recording
from tts_framework.errors import DataError
from tts_framework.speech.audio import read_header

SMALLEST = 2


def choose(
    recordings: Iterable[Recording], seed: int, limit: int | None, max_seconds: float | None
) -> list[Recording]:
    """Возьми первые `limit` записей порядка, заданного зерном; слишком длинные пропусти.

    Raises:
        DataError: осталось меньше двух записей — не хватит на обе выборки.
    """
    chosen: list[Recording] = []
    for recording in sorted(recordings, key=lambda item: _rank(seed, item.id)):
        if len(chosen) == limit:
            break
        if max_seconds is None or read_header(recording.wav).seconds <= max_seconds:
            chosen.append(recording)
    if len(chosen) < SMALLEST:
        raise DataError(
            f"{len(chosen)} clip(s) chosen with limit {limit} and max_seconds {max_seconds};"
            f" at least {SMALLEST} are needed, raise them"
        )
    return chosen


def split(chosen: Sequence[Recording], share: float) -> tuple[list[Recording], list[Recording]]:
    """Раздели отобранное на обучение и проверку: каждый `1/share`-й клип порядка — проверка."""
    every = round(1 / share)
    validation = list(chosen[::every])
    train = [recording for place, recording in enumerate(chosen) if place % every]
    return train, validation


def _rank(seed: int, id: str) -> str:
    return hashlib.sha256(f"{seed}:{id}".encode()).hexdigest()
