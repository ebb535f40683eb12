"""Второй проход: вырезать клипы и записать их PCM16."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from tts_framework.speech.disk import explained
from tts_framework.speech.segmenting import measuring
from tts_framework.speech.segmenting.cutting import Cut
from tts_framework.speech.segmenting.reading import opened
from tts_framework.speech.segmenting.settings import SegmentSettings
from tts_framework.speech.segmenting.streams import Moved, resampled


def extract(path: Path, cuts: Sequence[Cut], rate: int, moved: Moved) -> Iterator[np.ndarray]:
    """Верни отсчёты клипов по очереди: float32 [n]; в памяти не больше одного клипа и куска."""
    with opened(path) as sound:

        def read(block: np.ndarray) -> None:
            moved(len(block) / sound.rate)

        pieces = resampled(sound, rate, read)
        kept = np.zeros(0, np.float32)
        first = 0
        for cut in cuts:
            start, end = round(cut.start * rate), round(cut.end * rate)
            parts: list[np.ndarray] = []
            while True:
                inside = kept[max(0, start - first) : max(0, end - first)]
                if len(inside):
                    parts.append(inside)
                if first + len(kept) >= end:
                    break
                first += len(kept)
                following = next(pieces, None)
                if following is None:
                    kept = np.zeros(0, np.float32)
                    break
                kept = following
            yield np.concatenate(parts) if parts else np.zeros(0, np.float32)
        for _ in pieces:  # дочитать: так замечается усечённый хвост
            pass


def write(path: Path, samples: np.ndarray, settings: SegmentSettings) -> dict[str, Any]:
    """Запиши клип в рабочую папку и верни его измерения.

    Папка становится частью корпуса целиком, поэтому временное имя каждому файлу не нужно.

    Raises:
        DiskFull: кончилось место.
    """
    gain = 1.0
    if settings.loudness is not None:
        gain = measuring.gain(samples, settings.rate, settings.loudness)
    written = np.clip(samples * np.float32(gain), -1.0, 1.0)
    buffer = io.BytesIO()
    soundfile.write(buffer, written, settings.rate, subtype="PCM_16", format="WAV")
    try:
        path.write_bytes(buffer.getbuffer())
    except OSError as error:
        raise explained(error, path) from error
    peak = measuring.peak_db(written)
    loudness = measuring.loudness_lufs(written, settings.rate)
    found: dict[str, Any] = {"peak_db": rounded(peak), "loudness_lufs": rounded(loudness)}
    if settings.loudness is not None:
        found["gain_db"] = rounded(20 * float(np.log10(gain)))
    return found


def rounded(value: float | None) -> float | None:
    """Округли измерение до сотых."""
    return None if value is None else round(value, 2)
