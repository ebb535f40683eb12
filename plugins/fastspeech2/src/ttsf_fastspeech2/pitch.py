"""Основной тон клипов: DIO и StoneMask из WORLD (Morise и др., 2016), с кэшем на диске."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tts_framework.options import AudioSettings
from tts_framework.speech import disk
from tts_framework.speech.audio import read_wav

_VERSION = 1
"""Меняется вместе с рецептом: старый кэш не читается."""

Track = NDArray[np.float32]


class PitchCache:
    """F0 клипов по кадрам мел-спектрограммы, Гц; ноль - голоса нет."""

    def __init__(self, folder: Path, audio: AudioSettings, floor: float, ceiling: float) -> None:
        self._audio, self._floor, self._ceiling = audio, floor, ceiling
        recipe = f"{_VERSION} {audio.sampling_rate} {audio.hop_length} {floor} {ceiling}"
        self._folder = folder / f"pitch_{hashlib.sha256(recipe.encode()).hexdigest()[:16]}"

    def tracks(
        self,
        paths: Sequence[Path],
        frames: Sequence[int],
        progress: Callable[[int, int, str], None] = lambda done, total, what: None,
    ) -> list[Track]:
        """Верни F0 каждого клипа `[T]`; недостающее и повреждённое вычисляется.

        Прерванную работу повторный вызов продолжает.

        Raises:
            DataError: WAV негоден; DiskFull: кончилось место.
        """
        found = [self._kept(path, count) for path, count in zip(paths, frames, strict=True)]
        missing = [number for number, track in enumerate(found) if track is None]
        for done, number in enumerate(missing, start=1):
            found[number] = self._compute(paths[number], frames[number])
            progress(done, len(missing), "pitch")
        return [track for track in found if track is not None]

    def _kept(self, path: Path, frames: int) -> Track | None:
        with suppress(OSError, ValueError, EOFError):
            track = np.load(self._file(path), allow_pickle=False)
            if isinstance(track, np.ndarray) and track.dtype == np.float32:
                if track.shape == (frames,) and np.isfinite(track).all() and (track >= 0).all():
                    return track
        return None

    def _compute(self, path: Path, frames: int) -> Track:
        file = self._file(path)  # до чтения: правка во время чтения сделает запись устаревшей
        track = extract(
            read_wav(path, self._audio.sampling_rate), self._audio, self._floor, self._ceiling
        )
        track = np.pad(track, (0, max(0, frames - len(track))))[:frames]
        buffer = io.BytesIO()
        np.save(buffer, track, allow_pickle=False)
        disk.write(file, buffer.getbuffer())
        return track

    def _file(self, path: Path) -> Path:
        try:
            found = path.stat()
            stamp = f"{found.st_size} {found.st_mtime_ns}".encode()
        except OSError:
            stamp = b""  # о пропавшем файле скажет чтение
        name = hashlib.sha256(os.fsencode(path.absolute()) + b"\0" + stamp).hexdigest()[:32]
        return self._folder / f"{name}.npy"


def extract(samples: np.ndarray, audio: AudioSettings, floor: float, ceiling: float) -> Track:
    """Верни F0 отсчётов `[N]` каждые `hop_length`, Гц; ноль - голоса нет."""
    import pyworld

    sound = np.ascontiguousarray(samples, dtype=np.float64)
    period = 1000.0 * audio.hop_length / audio.sampling_rate
    rough, moments = pyworld.dio(
        sound, audio.sampling_rate, f0_floor=floor, f0_ceil=ceiling, frame_period=period
    )
    exact = pyworld.stonemask(sound, rough, moments, audio.sampling_rate)
    return np.nan_to_num(exact, posinf=0.0, neginf=0.0).clip(min=0.0).astype(np.float32)


def log_f0(track: Track) -> tuple[Track, Track]:
    """Верни ln F0 без разрывов `[T]` (между голосом - прямая) и вес кадра: голос - 1, иначе 0.001.

    Совсем без голоса ln F0 - нули с нулевым весом.
    """
    voiced = track > 0
    if not voiced.any():
        return np.zeros_like(track), np.zeros_like(track)
    moments = np.arange(len(track))
    whole = np.interp(moments, moments[voiced], np.log(track[voiced]))
    return whole.astype(np.float32), np.where(voiced, 1.0, 1e-3).astype(np.float32)
