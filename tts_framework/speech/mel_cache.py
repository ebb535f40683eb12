"""Mel-кэш на диске: `<folder>/<отпечаток настроек>/<клип>.mel`.

Файл — заголовок и сырые float32 [n_mels, T]. Заголовок хранит отпечаток настроек звука, размер и
время изменения WAV, контрольную сумму данных: устаревшее и повреждённое не читается никогда.
"""

from __future__ import annotations

import hashlib
import os
import struct
import threading
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tts_framework.errors import DataError
from tts_framework.options import AudioSettings
from tts_framework.speech import disk
from tts_framework.speech.audio import read_header, read_wav
from tts_framework.speech.mels import mel_spectrogram

MAGIC = b"TTSFMEL1"
_LAYOUT = struct.Struct("<8s16sQqIII4x")
FLOAT_BYTES = 4


class _Entry(NamedTuple):
    """Заголовок файла кэша; `size` и `mtime_ns` — исходного WAV."""

    magic: bytes
    fingerprint: bytes
    size: int
    mtime_ns: int
    n_mels: int
    frames: int
    crc: int

    @property
    def data_bytes(self) -> int:
        return self.n_mels * self.frames * FLOAT_BYTES


class MelCache:
    """Mel-спектрограммы клипов: вычисляются один раз, читаются через mmap."""

    def __init__(self, folder: Path, audio: AudioSettings) -> None:
        self.audio = audio
        self.folder = folder / audio.fingerprint
        self._verified: dict[Path, _Entry] = {}
        self._repair = threading.Lock()

    def ensure(
        self,
        paths: Sequence[Path],
        progress: Callable[[int, int, str], None] = lambda done, total, what: None,
        workers: int | None = None,
    ) -> int:
        """Вычисли недостающее и устаревшее; верни, сколько пришлось вычислить.

        Прерванную работу повторный вызов продолжает: готовый файл появляется переименованием.

        Raises:
            DataError: WAV негоден; DiskFull: кончилось место.
        """
        missing = [path for path in dict.fromkeys(paths) if self._fresh(path) is None]
        if not missing:
            return 0
        with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
            jobs = [pool.submit(self._compute, path) for path in missing]
            try:
                for done, job in enumerate(as_completed(jobs), start=1):
                    job.result()
                    progress(done, len(missing), "mel cache")
            finally:
                pool.shutdown(cancel_futures=True)
        return len(missing)

    def frames(self, path: Path) -> int:
        """Верни число кадров mel, не читая самих данных."""
        return self._entry(path).frames

    def get(self, path: Path) -> np.ndarray:
        """Верни mel клипа: float32 [n_mels, T], только для чтения.

        Файл кэша с неверной контрольной суммой вычисляется заново.

        Raises:
            DataError: WAV изменился после того, как его mel уже брали.
        """
        entry = self._entry(path)
        if path not in self._verified:
            if zlib.crc32(self._map(path, entry).data) != entry.crc:
                self._file(path).unlink(missing_ok=True)
                entry = self._entry(path)
            self._verified[path] = entry
        return self._map(path, entry)

    def _entry(self, path: Path) -> _Entry:
        entry = self._fresh(path)
        if entry is None:
            with self._repair:
                entry = self._fresh(path) or self._compute(path)
        if entry.crc != self._verified.get(path, entry).crc:
            raise DataError(
                f"{path}: changed while its mel was in use; restart the training to use the new one"
            )
        return entry

    def _fresh(self, path: Path) -> _Entry | None:
        """Верни заголовок годной записи или None: её нет, она устарела или обрезана."""
        cached = self._file(path)
        try:
            source = path.stat()
            with cached.open("rb") as file:
                entry = _Entry(*_LAYOUT.unpack(file.read(_LAYOUT.size)))
                whole = os.fstat(file.fileno()).st_size == _LAYOUT.size + entry.data_bytes
        except (OSError, struct.error):
            return None
        n_mels = self.audio.n_mel_channels
        expected = (MAGIC, self._fingerprint, source.st_size, source.st_mtime_ns, n_mels)
        return entry if whole and entry[:5] == expected else None

    def _compute(self, path: Path) -> _Entry:
        read_header(path)
        source = path.stat()  # до чтения: правка во время чтения сделает запись устаревшей
        samples = read_wav(path, self.audio.sampling_rate)
        mel = np.ascontiguousarray(mel_spectrogram(samples, self.audio))
        entry = _Entry(
            MAGIC,
            self._fingerprint,
            source.st_size,
            source.st_mtime_ns,
            mel.shape[0],
            mel.shape[1],
            zlib.crc32(mel.data),
        )
        disk.write(self._file(path), _LAYOUT.pack(*entry), mel.data)
        return entry

    def _map(self, path: Path, entry: _Entry) -> np.ndarray:
        shape = (entry.n_mels, entry.frames)
        return np.memmap(self._file(path), np.float32, "r", _LAYOUT.size, shape)

    def _file(self, path: Path) -> Path:
        name = hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:32]
        return self.folder / f"{name}.mel"

    @property
    def _fingerprint(self) -> bytes:
        return self.audio.fingerprint.encode()
