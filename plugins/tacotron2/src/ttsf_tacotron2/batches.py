"""Клипы -> пачки тензоров."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tts_framework.components import TrainingContext
from tts_framework.speech import filelist
from tts_framework.speech.mel_cache import MelCache

_MEAN_CLIPS = 200


@dataclass(frozen=True)
class Batch:
    """Пачка: `text [B, T_in]`, `text_lengths [B]`, `mels [B, n_mels, T]`, `mel_lengths [B]`.

    Дополнено нулями; T кратно reduction factor.
    """

    text: Tensor
    text_lengths: Tensor
    mels: Tensor
    mel_lengths: Tensor

    def to(self, device: torch.device) -> Batch:
        """Перенеси на устройство; из закреплённой памяти - не дожидаясь копирования."""
        tensors = (self.text, self.text_lengths, self.mels, self.mel_lengths)
        return Batch(*(tensor.to(device, non_blocking=True) for tensor in tensors))

    def pinned(self) -> Batch:
        """Закрепи память, чтобы копирование на GPU шло параллельно счёту."""
        tensors = (self.text, self.text_lengths, self.mels, self.mel_lengths)
        return Batch(*(tensor.pin_memory() for tensor in tensors))


class Clips:
    """Одна выборка: номера символов в памяти, мел-спектрограммы - в кэше на диске."""

    def __init__(self, path: Path, context: TrainingContext, reduction_factor: int) -> None:
        loaded = filelist.load(
            path,
            context.frontend,
            context.audio,
            context.skip_bad,
            context.warn,
            context.allow_outside,
            context.cache,
            context.progress,
        )
        self.paths = [clip.path for clip in loaded]
        self.texts = [clip.text for clip in loaded]
        self._cache = MelCache(context.cache, context.audio)
        self._cache.ensure(self.paths, context.progress)
        self._symbols = [
            np.asarray(context.frontend.encode(text), dtype=np.int64) for text in self.texts
        ]
        self.reduction_factor = reduction_factor
        self.frames = [self._cache.frames(clip) for clip in self.paths]

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def fingerprint(self) -> str:
        """Верни отпечаток состава выборки: имена файлов, тексты и длины."""
        lines = zip((path.name for path in self.paths), self.texts, self.frames, strict=True)
        text = "\n".join(f"{name}|{text}|{frames}" for name, text, frames in lines)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def slowest_pace(self) -> float:
        """Верни кадры на символ самого медленного клипа: длиннее речи не ждут и при синтезе."""
        return max(
            frames / len(symbols)
            for frames, symbols in zip(self.frames, self._symbols, strict=True)
        )

    def mean_frame(self) -> NDArray[np.float32]:
        """Верни средний кадр `[n_mels]` по первым `_MEAN_CLIPS` клипам."""
        means = [self._cache.get(path).mean(axis=1) for path in self.paths[:_MEAN_CLIPS]]
        return np.mean(means, axis=0, dtype=np.float32)

    def batch(self, numbers: Sequence[int]) -> Batch:
        """Собери пачку из клипов с этими номерами."""
        texts = [self._symbols[number] for number in numbers]
        mels = [self._cache.get(self.paths[number]) for number in numbers]
        text = np.zeros((len(numbers), max(map(len, texts))), dtype=np.int64)
        longest = max(mel.shape[1] for mel in mels)
        steps = -(-longest // self.reduction_factor)
        frames = np.zeros(
            (len(numbers), mels[0].shape[0], steps * self.reduction_factor), dtype=np.float32
        )
        for row, (symbols, mel) in enumerate(zip(texts, mels, strict=True)):
            text[row, : len(symbols)] = symbols
            frames[row, :, : mel.shape[1]] = mel
        return Batch(
            torch.from_numpy(text),
            torch.tensor([len(symbols) for symbols in texts]),
            torch.from_numpy(frames),
            torch.tensor([mel.shape[1] for mel in mels]),
        )

    def in_order(self, batch_size: int) -> Iterator[Batch]:
        """Отдай всю выборку по возрастанию длины: проверочные пачки всегда одни и те же."""
        by_length = sorted(range(len(self)), key=lambda number: (self.frames[number], number))
        for start in range(0, len(by_length), batch_size):
            yield self.batch(by_length[start : start + batch_size])
