"""Звук любого файла кусками: libsndfile, а чего она не читает — программой ffmpeg."""

from __future__ import annotations

import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from tts_framework.errors import DataError
from tts_framework.problems import one_line
from tts_framework.speech import ffmpeg
from tts_framework.speech.audio import Header, read_header

BLOCK_SECONDS = 4
FULL_SCALE = 0.9999
FULL_SCALE_8_BIT = 0.99
AU_HEADER = struct.Struct(">4s5I")
FLOAT32 = 6


@dataclass(frozen=True)
class Sound:
    """Открытая запись; `blocks` — float32 [n, каналов], читаются один раз.

    `full_scale` — с какого модуля отсчёт считается упёршимся в предел.
    """

    rate: int
    channels: int
    blocks: Iterator[np.ndarray]
    full_scale: float = FULL_SCALE


def seconds(path: Path) -> float:
    """Верни длительность по заголовку; 0, если она неизвестна до чтения."""
    try:
        header = _header(path)
    except DataError:
        return 0.0
    return header.seconds if header else 0.0


@contextmanager
def opened(path: Path) -> Iterator[Sound]:
    """Открой запись для чтения кусками по несколько секунд.

    Raises:
        DataError: файл пуст, усечён, не звуковой, с NaN или нужен ffmpeg, которого нет.
    """
    if not path.is_file() or path.stat().st_size == 0:
        raise DataError(f"{shown(path)}: empty file; record it again or remove it")
    header = _header(path)
    if header is None:
        with _with_ffmpeg(path) as sound:
            yield sound
        return
    if header.frames == 0:
        raise DataError(f"{shown(path)}: no samples; record it again or remove it")
    with soundfile.SoundFile(str(path)) as file:
        full = FULL_SCALE_8_BIT if file.subtype in ("PCM_U8", "PCM_S8") else FULL_SCALE
        blocks = _finite(path, _blocks(path, file, header))
        yield Sound(header.sampling_rate, header.channels, blocks, full)


def shown(path: Path) -> str:
    """Покажи путь одной строкой, каким бы ни было имя."""
    return one_line(str(path))


def _header(path: Path) -> Header | None:
    """Верни заголовок; None, если libsndfile такого не читает."""
    try:
        return read_header(path)
    except DataError as error:
        if error.__cause__ is not None:
            return None
        raise DataError([one_line(text) for text in error.problems]) from error


def _blocks(path: Path, file: soundfile.SoundFile, header: Header) -> Iterator[np.ndarray]:
    read = 0
    try:
        size = BLOCK_SECONDS * header.sampling_rate
        for block in file.blocks(size, dtype="float32", always_2d=True):
            read += len(block)
            yield block
    except soundfile.LibsndfileError as error:
        reason = str(error).rstrip(".")
        raise DataError(f"{shown(path)}: broken sound file ({reason}); replace it") from error
    if header.frames - read > header.sampling_rate // 10:
        raise DataError(
            f"{shown(path)}: truncated, {read / header.sampling_rate:.1f} s of"
            f" {header.seconds:.1f} s can be read; copy it again"
        )


def _finite(path: Path, blocks: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    for block in blocks:
        if not np.isfinite(block).all():
            raise DataError(f"{shown(path)}: contains NaN or infinite samples; replace it")
        yield block


@contextmanager
def _with_ffmpeg(path: Path) -> Iterator[Sound]:
    """Прочитай через `ffmpeg -f au`: поток с заголовком, где названы частота и каналы."""
    program = ffmpeg.program()
    if program is None:
        raise DataError(
            f"{shown(path)}: libsndfile does not read it; install ffmpeg ({ffmpeg.ADVICE})"
            " or convert it to WAV or FLAC"
        )
    command = [program, "-nostdin", "-v", "error", "-xerror", "-protocol_whitelist", "file,pipe"]
    command += ["-i", f"file:{path}", "-map", "0:a:0", "-c:a", "pcm_f32be", "-f", "au", "pipe:1"]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
        assert process.stdout is not None
        try:
            start = process.stdout.read(AU_HEADER.size)
            if len(start) < AU_HEADER.size:
                process.wait()
                raise _refused(path, errors)
            _, offset, _, encoding, rate, channels = AU_HEADER.unpack(start)
            if encoding != FLOAT32:
                raise _refused(path, errors)
            process.stdout.read(offset - AU_HEADER.size)
            yield Sound(
                rate, channels, _finite(path, _piped(path, process, rate, channels, errors))
            )
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def _piped(
    path: Path, process: subprocess.Popen[bytes], rate: int, channels: int, errors: object
) -> Iterator[np.ndarray]:
    assert process.stdout is not None
    size = 4 * channels
    while data := process.stdout.read(BLOCK_SECONDS * rate * size):
        whole = data[: len(data) - len(data) % size]
        yield np.frombuffer(whole, ">f4").reshape(-1, channels).astype(np.float32)
    if process.wait():
        raise _refused(path, errors)


def _refused(path: Path, errors: object) -> DataError:
    errors.seek(0)  # type: ignore[attr-defined]
    lines = errors.read().decode(errors="replace").splitlines()  # type: ignore[attr-defined]
    reason = one_line(lines[-1].rpartition(": ")[2]) if lines else "no reason given"
    return DataError(f"{shown(path)}: not a sound file that ffmpeg reads ({reason}); replace it")
