"""Клипы -> отрезки звука и их mel.

Кадр `t` mel стоит серединой на отсчёте `t * hop`, генератор делает из него отсчёты
`[t * hop, (t + 1) * hop)`. У записи из N отсчётов `T = 1 + N // hop` кадров, и целых блоков по
`hop` отсчётов в ней ровно `T - 1`: последний кадр служит лишь соседом, звука за ним может не быть.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from torch import Tensor

from tts_framework.components import Frontend, Options, TrainingContext
from tts_framework.errors import DataError
from tts_framework.speech import exported_mels, filelist, mels
from tts_framework.speech.mel_cache import MelCache

SILENCE = float(np.log(np.float32(mels.FLOOR)))
_ALIGNMENT_CLIPS = 16


@dataclass(frozen=True)
class Batch:
    """Отрезки: `mel [B, n_mels, S]` и их звук `audio [B, 1, S * hop]`."""

    mel: Tensor
    audio: Tensor

    def to(self, device: torch.device) -> Batch:
        """Перенеси на устройство; из закреплённой памяти - не дожидаясь копирования."""
        return Batch(
            self.mel.to(device, non_blocking=True), self.audio.to(device, non_blocking=True)
        )

    def pinned(self) -> Batch:
        """Закрепи память, чтобы копирование на GPU шло параллельно счёту."""
        return Batch(self.mel.pin_memory(), self.audio.pin_memory())


class AnyText(Frontend):
    """Вокодеру текст не нужен: годится любой, даже пустой."""

    @property
    def symbols(self) -> tuple[str, ...]:
        return ("_",)

    def normalize(self, text: str) -> str:
        return text or "_"

    def encode(self, text: str) -> list[int]:
        return [0]


class Clips:
    """Одна выборка: звук читается отрезками, mel - из кэша или из выгрузки `mels`."""

    def __init__(self, path: Path, context: TrainingContext, folder: Path | None = None) -> None:
        self.audio = context.audio
        loaded = filelist.load(
            path,
            AnyText(Options()),
            context.audio,
            context.skip_bad,
            context.warn,
            context.allow_outside,
        )
        self.paths = [clip.path for clip in loaded]
        self._cache = MelCache(context.cache, context.audio)
        self._cache.ensure(self.paths, context.progress)
        self.frames = [self._cache.frames(clip) for clip in self.paths]
        self._exported = None if folder is None else self._opened(folder, path)

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def fingerprint(self) -> str:
        """Верни отпечаток состава выборки: имена, длины и чья это mel."""
        source = "" if self._exported is None else self._exported.checkpoint_sha256
        lines = zip((path.name for path in self.paths), self.frames, strict=True)
        text = "\n".join([source, *(f"{name}|{frames}" for name, frames in lines)])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def mel(self, number: int) -> np.ndarray:
        """Верни mel клипа `[n_mels, T]`: выгруженную, если доучиваем на ней."""
        if self._exported is not None:
            return self._exported.get(self.paths[number].stem)
        return self._cache.get(self.paths[number])

    def segment(self, number: int, first: int, frames: int) -> tuple[np.ndarray, np.ndarray]:
        """Вырежь `frames` кадров и их `frames * hop` отсчётов; за концом клипа - тишина."""
        hop = self.audio.hop_length
        real = min(frames, self.frames[number] - 1 - first)
        mel = np.full((self.audio.n_mel_channels, frames), SILENCE, dtype=np.float32)
        samples = np.zeros(frames * hop, dtype=np.float32)
        if real > 0:
            mel[:, :real] = self.mel(number)[:, first : first + real]
            samples[: real * hop] = self._read(self.paths[number], first * hop, real * hop)
        return mel, samples

    def batch(self, places: Sequence[tuple[int, int]], frames: int) -> Batch:
        """Собери пачку отрезков из пар (номер клипа, первый кадр)."""
        pieces = [self.segment(number, first, frames) for number, first in places]
        return Batch(
            torch.from_numpy(np.stack([mel for mel, _ in pieces])),
            torch.from_numpy(np.stack([samples for _, samples in pieces])).unsqueeze(1),
        )

    def _opened(self, folder: Path, source: Path) -> exported_mels.ExportedMels:
        """Открой выгрузку и сверь настройки, длины и сдвиг до начала обучения."""
        stems = [path.stem for path in self.paths]
        twice = (
            sorted({stem for stem in stems if stems.count(stem) > 1})
            if (len(set(stems)) < len(stems))
            else []
        )
        if twice:
            raise DataError(
                f"{source}: two clips are called {twice[0]!r}, their mels cannot be told apart;"
                " rename one"
            )
        exported = exported_mels.open_folder(folder, self.audio)
        exported.require(dict(zip(stems, self.frames, strict=True)))
        checked = range(0, len(stems), max(1, len(stems) // _ALIGNMENT_CLIPS))
        exported.require_aligned(
            (exported.get(stems[number]), self._cache.get(self.paths[number])) for number in checked
        )
        return exported

    @staticmethod
    def _read(path: Path, start: int, count: int) -> np.ndarray:
        try:
            samples: Any
            samples, _ = soundfile.read(str(path), frames=count, start=start, dtype="float32")
        except (soundfile.LibsndfileError, RuntimeError) as error:
            raise DataError(f"{path}: cannot be read at sample {start} ({error})") from error
        if samples.shape != (count,):
            raise DataError(
                f"{path}: changed while it was in use; restart the training to use the new one"
            )
        return np.asarray(samples)
