"""Звук одной записи или её отрезка: моно float32, сколько бы в файле ни было каналов."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from tts_framework.errors import DataError
from tts_framework.speech.audio import read_header
from tts_framework.speech.segmenting import reading

MAX_SECONDS = 300.0
"""Длиннее — не клип, а запись: её режет `ttsf data segment`."""
SILENCE = 1e-4
SLACK_SECONDS = 0.05
"""На столько конец отрезка вправе выйти за конец файла: списки округляют времена."""


def load(path: Path, start: float | None, end: float | None) -> tuple[np.ndarray, int]:
    """Прочитай отрезок `start`..`end` с (None — от начала, до конца): float32 [N] и частота.

    Raises:
        DataError: файл пуст, усечён, не звук, молчит, слишком длинен или отрезок вне его.
    """
    if start is not None and (found := _cut(path, start, end)) is not None:
        samples, rate = found
    else:
        samples, rate = _streamed(path, start or 0.0, end)
    if not len(samples):
        raise DataError("no samples; record it again or remove it")
    if np.abs(samples).max() < SILENCE:
        raise DataError("silent from beginning to end; record it again or remove it")
    return samples, rate


def _cut(path: Path, start: float, end: float | None) -> tuple[np.ndarray, int] | None:
    """Прочитай отрезок, перейдя сразу к нему; None — libsndfile этого файла не читает."""
    try:
        header = read_header(path)
    except DataError as error:
        if error.__cause__ is None:
            raise
        return None
    rate = header.sampling_rate
    _check_inside(start, end, header.seconds)
    first = round(start * rate)
    last = header.frames if end is None else min(header.frames, round(end * rate))
    _check_length((last - first) / rate)
    try:
        samples, _ = soundfile.read(str(path), last - first, first, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise DataError(f"broken sound file ({str(error).rstrip('.')}); replace it") from error
    if len(samples) < last - first:
        raise DataError("truncated; copy it again")
    if not np.isfinite(samples).all():
        raise DataError("contains NaN or infinite samples; replace it")
    return _mono(samples), rate


def _streamed(path: Path, start: float, end: float | None) -> tuple[np.ndarray, int]:
    """Читай подряд (и через ffmpeg), оставляя только нужное."""
    pieces: list[np.ndarray] = []
    done = 0
    with reading.opened(path) as sound:
        first = round(start * sound.rate)
        last = None if end is None else round(end * sound.rate)
        for block in sound.blocks:
            kept = block[max(0, first - done) : None if last is None else max(0, last - done)]
            pieces.append(_mono(kept))
            done += len(block)
            _check_length(sum(map(len, pieces)) / sound.rate)
            if last is not None and done >= last:
                break
        else:
            _check_inside(start, end, done / sound.rate)
        return np.concatenate(pieces or [np.zeros(0, np.float32)]), sound.rate


def _check_inside(start: float, end: float | None, seconds: float) -> None:
    if start >= seconds or (end is not None and end > seconds + SLACK_SECONDS):
        place = f"{start:g}..{'end' if end is None else f'{end:g}'}"
        raise DataError(f"segment {place} s is outside of a file of {seconds:.2f} s; fix it")


def _check_length(seconds: float) -> None:
    if seconds > MAX_SECONDS:
        raise DataError(
            f"longer than {MAX_SECONDS:g} s: a recording, not a clip; cut it with"
            " 'ttsf data segment'"
        )


def _mono(block: np.ndarray) -> np.ndarray:
    mixed = block[:, 0] if block.shape[1] == 1 else block.mean(axis=1)
    return np.ascontiguousarray(mixed, dtype=np.float32)
