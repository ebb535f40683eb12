"""Звук, пока голос говорит: PCM s16le или WAV без известной длины."""

from __future__ import annotations

import os
import struct
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from typing import BinaryIO, Literal

import numpy as np

from tts_framework.errors import TTSFError
from tts_framework.synthesis.speaking import Ready, Speaking
from tts_framework.synthesis.writing import pcm

StreamFormat = Literal["pcm", "wav"]
UNKNOWN = 0xFFFFFFFF
"""Длина, которой ещё никто не знает: так её пишут в поток ffmpeg и sox."""


def to_stream(
    speaking: Speaking,
    lines: Iterable[Ready],
    out: BinaryIO,
    form: StreamFormat = "pcm",
    keep: list[np.ndarray] | None = None,
) -> float:
    """Говори в поток, сбрасывая каждый кусок; верни, через сколько секунд зазвучал первый.

    Загрузка моделей фронтенда, если она случилась по пути, в это время не входит. В `keep`
    складываются те же отсчёты int16.

    Raises:
        BrokenPipeError: слушатель ушёл.
    """
    started, first = time.perf_counter() - speaking.loading, 0.0
    for number, ready in enumerate(lines):
        if number:
            _put(out, pcm(speaking.pause()), keep)
        for samples in speaking.say(ready, growing=True):
            if not len(samples):
                continue
            if not first:
                if form == "wav":
                    out.write(wav_header(speaking.sampling_rate))
                first = time.perf_counter() - started - speaking.loading
            _put(out, pcm(samples), keep)
    return first


def wav_header(sampling_rate: int) -> bytes:
    """Верни заголовок WAV (моно, 16 бит) с неизвестной длиной."""
    sound = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, sampling_rate, 2 * sampling_rate, 2, 16)
    riff = struct.pack("<4sI4s", b"RIFF", UNKNOWN, b"WAVE")
    return riff + sound + struct.pack("<4sI", b"data", UNKNOWN)


@contextmanager
def standard_output() -> Iterator[BinaryIO]:
    """Отдай стандартный вывод одному звуку: печать кого угодно, и библиотек на C, уйдёт в stderr.

    Raises:
        TTSFError: стандартный вывод - терминал.
    """
    if sys.stdout.isatty():
        raise TTSFError(
            "--stream: standard output is a terminal; pipe it into a player, such as"
            " '| aplay -f S16_LE -r 22050', or redirect it to a file"
        )
    sys.stdout.flush()
    try:
        real = sys.stdout.fileno()
    except OSError:  # вывод подменён, под ним нет файла
        sound = sys.stdout.buffer
        with redirect_stdout(sys.stderr):
            yield sound
        return
    saved = os.dup(real)
    out = os.fdopen(os.dup(real), "wb")
    os.dup2(sys.stderr.fileno(), real)
    try:
        with redirect_stdout(sys.stderr):
            yield out
    finally:
        with suppress(BrokenPipeError):
            out.close()
        os.dup2(saved, real)
        os.close(saved)


def _put(out: BinaryIO, samples: np.ndarray, keep: list[np.ndarray] | None) -> None:
    out.write(samples.tobytes())
    out.flush()
    if keep is not None:
        keep.append(samples)
