"""Измерения одного клипа: всё, что нужно правилам, за одно чтение файла."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from tts_framework.errors import DataError
from tts_framework.speech.audio import read_header
from tts_framework.speech.checking import signal
from tts_framework.speech.checking.files import Trouble

VERSION = 1
"""Меняется вместе со смыслом измерений: прежние итоги становятся недействительны."""
MAX_SAMPLES = 20_000_000
"""Столько отсчётов читается из файла: остаток слишком длинного клипа не измеряется."""
WAV_FORMATS = ("WAV", "WAVEX", "RF64")


@dataclass(frozen=True, slots=True)
class Measures:
    """Измерения клипа; времена в секундах, `snr` в дБ, `loudness` в LUFS.

        `bits` — разрядность, которую отсчёты занимают на деле (0 — с плавающей точкой), `clipped` —
    x
    """

    rate: int
    channels: int
    frames: int
    container: str
    subtype: str
    bits: int
    not_finite: int
    peak: float
    clipped: int
    dc: float
    head: float
    tail: float
    snr: float | None
    loudness: float | None
    digest: str
    core: float
    shape: str

    @property
    def seconds(self) -> float:
        """Верни длительность."""
        return self.frames / self.rate

    @property
    def speech(self) -> float:
        """Верни длительность без тишины на краях."""
        return max(0.0, self.seconds - self.head - self.tail)


def measure(path: Path) -> Measures | Trouble:
    """Измерь файл; негодный файл — тоже ответ."""
    try:
        header = read_header(path)
    except DataError as error:
        reason = str(error).removeprefix(f"{path}: ").partition(";")[0]
        return Trouble("truncated" if reason.startswith("truncated") else "broken", reason)
    if header.frames == 0:
        return Trouble("empty", "no samples")
    try:
        return _measure(path)
    except (soundfile.LibsndfileError, RuntimeError, ValueError, OSError) as error:
        return Trouble("broken", f"cannot be decoded ({str(error).rpartition(': ')[2]})")


def _measure(path: Path) -> Measures | Trouble:
    with soundfile.SoundFile(str(path)) as file:
        rate, channels, promised = file.samplerate, file.channels, file.frames
        wanted = min(promised, MAX_SAMPLES // channels)
        raw = file.read(wanted, dtype="float32", always_2d=True)
        container, subtype = file.format, file.subtype
    if len(raw) < wanted:
        return Trouble("truncated", f"{wanted - len(raw)} of {promised} samples are missing")
    digest = hashlib.blake2b(raw.tobytes(), digest_size=16, key=b"%d %d" % (rate, channels))
    bad = raw.size - int(np.isfinite(raw).sum())
    samples = np.nan_to_num(raw, nan=0.0, posinf=1.0, neginf=-1.0) if bad else raw
    mono = samples[:, 0] if channels == 1 else samples.mean(axis=1)
    dc = float(mono.mean(dtype=np.float64))
    mono = mono - np.float32(dc)
    levels = signal.frame_levels(mono, rate)
    begin, end = signal.speech_bounds(levels) or (0, len(levels))
    step = max(1, round(rate * signal.FRAME_SECONDS))
    first, last = signal.core_bounds(levels) or (0, len(levels))
    return Measures(
        rate=rate,
        channels=channels,
        frames=promised,
        container=container,
        subtype=subtype,
        bits=_bits(raw, subtype),
        not_finite=bad,
        peak=round(float(np.abs(samples).max()), 5),
        clipped=signal.flat_tops(samples),
        dc=round(dc, 6),
        head=round(begin * step / rate, 3),
        tail=round(max(0.0, len(mono) - end * step) / rate, 3),
        snr=_rounded(signal.signal_to_noise(levels)),
        loudness=_rounded(signal.loudness(mono, rate)),
        digest=digest.hexdigest(),
        core=round((last - first) * step / rate, 3),
        shape=base64.b64encode(signal.shape(mono[first * step : last * step], rate)).decode(),
    )


def _bits(raw: np.ndarray, subtype: str) -> int:
    """Верни занятую разрядность: в 16-битном файле из 8-битного младший байт пуст."""
    if subtype in ("FLOAT", "DOUBLE"):
        return 0
    declared = {"PCM_U8": 8, "PCM_S8": 8, "PCM_24": 24, "PCM_32": 32}.get(subtype, 16)
    if declared != 16:
        return declared
    used = int(np.bitwise_or.reduce((raw * 32768).astype(np.int32).ravel()))
    return 8 if used and used & 0xFF == 0 else 16


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
