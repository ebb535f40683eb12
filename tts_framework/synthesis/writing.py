"""Звуковые файлы по суффиксу: WAV и FLAC без потерь, OGG (Vorbis) - вдесятеро меньше."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tts_framework.errors import TTSFError
from tts_framework.speech import disk

FORMATS = {".wav": ("WAV", "PCM_16"), ".flac": ("FLAC", "PCM_16"), ".ogg": ("OGG", "VORBIS")}
_BLOCK = 2**16


def require_known(suffix: str, where: str) -> None:
    """Потребуй суффикс, который умеем писать.

    Raises:
        TTSFError: он другой.
    """
    if suffix.lower() not in FORMATS:
        known = ", ".join(FORMATS)
        raise TTSFError(
            f"{where}: {suffix or 'no'} suffix cannot be written; use one of {known}, or end the"
            " name of a folder with '/'"
        )


def pcm(samples: np.ndarray) -> np.ndarray:
    """Переведи float32 `[N]` в int16; выход за [-1, 1] ограничивается."""
    return np.rint(np.clip(samples, -1.0, 1.0) * 32767).astype("<i2")


def encoded(pieces: Sequence[np.ndarray], sampling_rate: int, suffix: str) -> memoryview:
    """Закодируй куски int16 в файл этого суффикса.

    Raises:
        TTSFError: формат не умеет такой частоты.
    """
    import soundfile

    container, subtype = FORMATS[suffix.lower()]
    buffer = io.BytesIO()
    try:
        with soundfile.SoundFile(
            buffer, "w", sampling_rate, 1, subtype=subtype, format=container
        ) as file:
            for piece in pieces:
                for start in range(0, len(piece), _BLOCK):  # Vorbis не любит больших блоков
                    file.write(piece[start : start + _BLOCK])
    except soundfile.LibsndfileError as error:
        raise TTSFError(
            f"{suffix}: {sampling_rate} Hz cannot be written ({error}); write .wav instead"
        ) from error
    return buffer.getbuffer()


def write(path: Path, pieces: Sequence[np.ndarray], sampling_rate: int) -> None:
    """Запиши куски int16 атомарно.

    Raises:
        DiskFull: кончилось место; DataError: сюда нельзя писать. Прежний файл цел.
    """
    disk.write(path, encoded(pieces, sampling_rate, path.suffix))
