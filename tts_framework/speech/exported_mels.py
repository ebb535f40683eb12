"""Mel-спектрограммы акустической модели, снятые с подсказкой, для доучивания вокодера.

Раскладка папки: `<id клипа>.npy` - float32 `[n_mels, T]`, `T = 1 + N // hop_length` (N - отсчёты
клипа), и `mels.json`, который пишется последним: без него выгрузка считается незаконченной.

    {"format": "ttsf-mels", "version": 1, "fingerprint": "...", "audio": {...},
     "checkpoint": {"sha256": "..."}, "clips": {"<id>": T, ...}}

Кадр `t` стоит там же, где у `speech.mels`: его середина - отсчёт `t * hop_length`.
"""

from __future__ import annotations

import json
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from tts_framework.errors import DataError
from tts_framework.options import AudioSettings
from tts_framework.speech import disk
from tts_framework.speech.fingerprints import differences

MANIFEST = "mels.json"
FORMAT, VERSION = "ttsf-mels", 1
SHOWN = 5
SHIFTS = (-2, -1, 0, 1, 2)
_AGAIN = "export them again"
_TIE = 0.1
"""Доля расстояния, в пределах которой сдвиги неразличимы."""


def write_mel(folder: Path, clip: str, mel: np.ndarray) -> None:
    """Запиши mel `[n_mels, T]` клипа атомарно.

    Raises:
        DataError: имя клипа - не имя файла; DiskFull: кончилось место.
    """
    import io

    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(mel, dtype=np.float32), allow_pickle=False)
    disk.write(_file(folder, clip), buffer.getbuffer())


def write_manifest(
    folder: Path, audio: AudioSettings, checkpoint_sha256: str, clips: Mapping[str, int]
) -> None:
    """Закончи выгрузку; `clips` - число кадров каждого клипа."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "fingerprint": audio.fingerprint,
        "audio": audio.model_dump(mode="json"),
        "checkpoint": {"sha256": checkpoint_sha256},
        "clips": dict(sorted(clips.items())),
    }
    disk.write_text(folder / MANIFEST, json.dumps(document, ensure_ascii=False, indent=1) + "\n")


@dataclass(frozen=True)
class ExportedMels:
    """Законченная выгрузка: `clips` - число кадров каждого клипа."""

    folder: Path
    audio: AudioSettings
    checkpoint_sha256: str
    clips: Mapping[str, int]

    def get(self, clip: str) -> np.ndarray:
        """Верни mel клипа float32 `[n_mels, T]`, отображённую в память.

        Raises:
            DataError: файла нет, он повреждён или другой формы, чем записано.
        """
        path = _file(self.folder, clip)
        try:
            mel = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError, SyntaxError, tokenize.TokenError) as error:
            raise DataError(f"{path}: cannot be read ({error}); {_AGAIN}") from error
        expected = (self.audio.n_mel_channels, self.clips.get(clip))
        if not isinstance(mel, np.ndarray) or mel.dtype != np.float32 or mel.shape != expected:
            shape = (
                f"{mel.dtype} {list(mel.shape)}" if isinstance(mel, np.ndarray) else "an archive"
            )
            raise DataError(f"{path}: is {shape}, expected float32 {list(expected)}; {_AGAIN}")
        return mel

    def require(self, frames: Mapping[str, int]) -> None:
        """Потребуй mel каждого клипа и ровно стольких кадров, сколько их у записи.

        Raises:
            DataError: названы недостающие клипы и клипы другой длины.
        """
        missing = [clip for clip in frames if clip not in self.clips]
        problems = []
        if missing:
            named = ", ".join(missing[:SHOWN]) + (" ..." if len(missing) > SHOWN else "")
            problems.append(
                f"{self.folder}: {len(missing)} of {len(frames)} clips have no mel ({named});"
                " export the mels of the same lists"
            )
        wrong = [clip for clip in frames if self.clips.get(clip, frames[clip]) != frames[clip]]
        problems += [
            f"{self.folder}/{clip}.npy: {self.clips[clip]} frames, but the recording has"
            f" {frames[clip]}; {_AGAIN} (T = 1 + N // hop_length)"
            for clip in wrong[:SHOWN]
        ]
        if problems:
            raise DataError(problems)

    def require_aligned(self, pairs: Iterable[tuple[np.ndarray, np.ndarray]]) -> None:
        """Потребуй, чтобы пары (выгруженная, настоящая) лучше всего совпадали без сдвига.

        У едва обученной модели mel так гладка, что все сдвиги почти равны: это не сдвиг.

        Raises:
            DataError: выгруженное сдвинуто; назван сдвиг в кадрах.
        """
        totals = np.zeros(len(SHIFTS))
        for exported, real in pairs:
            totals += [_distance(exported, real, shift) for shift in SHIFTS]
        best = SHIFTS[int(np.argmin(totals))]
        if totals.min() < (1 - _TIE) * totals[SHIFTS.index(0)]:
            raise DataError(
                f"{self.folder}: the mels are {abs(best)} frame(s)"
                f" {'late' if best > 0 else 'early'} against the recordings;"
                f" {_AGAIN} with frame t centred on sample t * hop_length"
            )


def open_folder(folder: Path, audio: AudioSettings, here: str = "data.audio") -> ExportedMels:
    """Открой выгрузку и сверь её настройки звука с нашими (`here` - чьи они).

    Raises:
        DataError: выгрузки нет, она не закончена, повреждена или с другими настройками звука.
    """
    path = folder / MANIFEST
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror}); the export is not finished, run it again"
        ) from error
    except ValueError as error:
        raise DataError(f"{path}: is not JSON; {_AGAIN}") from error
    exported = _parsed(folder, path, document)
    found = differences(exported.audio, audio, "the exported mels", here)
    if found:
        raise DataError([f"{path}: {text}; use the same audio settings" for text in found])
    return exported


def _parsed(folder: Path, path: Path, document: Any) -> ExportedMels:
    try:
        if (document["format"], document["version"]) != (FORMAT, VERSION):
            raise ValueError("another format or version")
        audio = AudioSettings.model_validate(document["audio"])
        if document["fingerprint"] != audio.fingerprint:
            raise ValueError("the fingerprint does not match the audio settings")
        clips = {str(clip): int(frames) for clip, frames in document["clips"].items()}
        return ExportedMels(folder, audio, str(document["checkpoint"]["sha256"]), clips)
    except (AttributeError, KeyError, TypeError, ValueError, ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"{path}: is damaged ({reason}); {_AGAIN}") from error


def _file(folder: Path, clip: str) -> Path:
    if not clip or clip in (".", "..") or "/" in clip or "\\" in clip or "\0" in clip:
        raise DataError(f"{folder}: {clip!r} is not the id of a clip; rename the clip")
    return folder / f"{clip}.npy"


def _distance(exported: np.ndarray, real: np.ndarray, shift: int) -> float:
    """Среднее |выгруженная[t + shift] - настоящая[t]| там, где обе есть при любом сдвиге."""
    edge = max(SHIFTS)
    length = min(exported.shape[1], real.shape[1]) - 2 * edge
    if length < 1:
        return 0.0
    ours = exported[:, edge + shift : edge + shift + length]
    return float(np.abs(ours - real[:, edge : edge + length]).mean())
