"""Звуковые файлы: заголовок, чтение, запись, смена частоты дискретизации."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from tts_framework.errors import DataError
from tts_framework.speech import disk

RIFF_HEADER = 8
UNKNOWN_SIZES = frozenset({0, 0xFFFFFFFF})


@dataclass(frozen=True)
class Header:
    """Заголовок звукового файла; `floating` — отсчёты хранятся числами с плавающей точкой."""

    sampling_rate: int
    channels: int
    frames: int
    floating: bool

    @property
    def seconds(self) -> float:
        """Верни длительность в секундах."""
        return self.frames / self.sampling_rate


def read_header(path: Path) -> Header:
    """Прочитай заголовок, не читая отсчётов.

    Raises:
        DataError: файла нет, он усечён или не звуковой.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such file; restore it or remove its line from the list")
    try:
        info = soundfile.info(str(path))
    except (soundfile.LibsndfileError, RuntimeError, TypeError) as error:
        reason = str(error).rpartition(": ")[2].rstrip(".")
        raise DataError(f"{path}: broken sound file ({reason}); replace it") from error
    missing = _missing_bytes(path)
    if missing:
        raise DataError(f"{path}: truncated, {missing} bytes are missing; copy it again")
    return Header(info.samplerate, info.channels, info.frames, info.subtype in ("FLOAT", "DOUBLE"))


def _missing_bytes(path: Path) -> int:
    """Сколько байт обещал заголовок RIFF и не оказалось в файле (потоковая запись — 0)."""
    with path.open("rb") as file:
        start = file.read(RIFF_HEADER)
    promised = int.from_bytes(start[4:], "little")
    if start[:4] != b"RIFF" or promised in UNKNOWN_SIZES:
        return 0
    return max(0, promised + RIFF_HEADER - path.stat().st_size)


def read_wav(path: Path, sampling_rate: int) -> np.ndarray:
    """Прочитай моно-запись: float32 [N] в [-1, 1].

    Raises:
        DataError: файл негоден, не моно или другой частоты (`resample` её меняет).
    """
    header = read_header(path)
    problems = mismatches(header, sampling_rate)
    if problems:
        raise DataError([f"{path}: {problem}" for problem in problems])
    samples, _ = soundfile.read(str(path), dtype="float32")
    if header.floating and not np.isfinite(samples).all():
        raise DataError(f"{path}: contains NaN or infinite samples; replace it")
    return samples


def mismatches(header: Header, sampling_rate: int) -> list[str]:
    """Назови, чем запись не подходит под настройки звука."""
    problems = []
    if header.sampling_rate != sampling_rate:
        problems.append(
            f"sample rate {header.sampling_rate}, expected {sampling_rate};"
            " resample it or set data.audio.sampling_rate"
        )
    if header.channels != 1:
        problems.append(f"{header.channels} channels, expected 1; mix it down to mono")
    return problems


def write_wav(path: Path, samples: np.ndarray, sampling_rate: int) -> None:
    """Запиши float32 [N] как PCM16 атомарно; выход за [-1, 1] ограничивается."""
    buffer = io.BytesIO()
    clipped = np.clip(samples, -1.0, 1.0)
    soundfile.write(buffer, clipped, sampling_rate, subtype="PCM_16", format="WAV")
    disk.write(path, buffer.getbuffer())


def resample(samples: np.ndarray, source: int, target: int) -> np.ndarray:
    """Смени частоту дискретизации с `source` на `target` Гц (soxr, качество HQ)."""
    if source == target:
        return samples
    import soxr

    return np.asarray(soxr.resample(samples, source, target), dtype=np.float32)
