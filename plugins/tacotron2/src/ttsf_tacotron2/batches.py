"""Клипы -> пачки тензоров."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tts_framework.components import TrainingContext
from tts_framework.speech import disk, filelist
from tts_framework.speech.mel_cache import MelCache
from tts_framework.speech.phones.times import LabelledClips
from ttsf_tacotron2.mmi import is_spoken, steps_needed

_MEAN_CLIPS = 200


@dataclass(frozen=True)
class Batch:
    """Пачка: `text [B, T_in]`, `text_lengths [B]`, `mels [B, n_mels, T]`, `mel_lengths [B]`.

    Дополнено нулями. `spoken [B, U]` - номера произносимых символов, `spoken_lengths [B]` - их
    число; `spans [B, T_in, 2]` - начало и конец символов в кадрах по меткам фонов, NaN без меток.
    """

    text: Tensor
    text_lengths: Tensor
    mels: Tensor
    mel_lengths: Tensor
    spoken: Tensor
    spoken_lengths: Tensor
    spans: Tensor | None = None

    def to(self, device: torch.device) -> Batch:
        """Перенеси на устройство; из закреплённой памяти - не дожидаясь копирования."""
        return self._each(lambda tensor: tensor.to(device, non_blocking=True))

    def pinned(self) -> Batch:
        """Закрепи память, чтобы копирование на GPU шло параллельно счёту."""
        return self._each(Tensor.pin_memory)

    def _each(self, change: Callable[[Tensor], Tensor]) -> Batch:
        tensors = {field.name: getattr(self, field.name) for field in fields(self)}
        return Batch(**{name: change(x) for name, x in tensors.items() if x is not None})


class Clips:
    """Одна выборка: номера символов в памяти, мел-спектрограммы - в кэше на диске."""

    def __init__(self, path: Path, context: TrainingContext, *, labels: bool = False) -> None:
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
        said = [is_spoken(symbol) for symbol in context.frontend.symbols]
        self._spoken = [numbers[np.asarray(said)[numbers]] for numbers in self._symbols]
        self.frames = [self._cache.frames(clip) for clip in self.paths]
        self._spans = self._read_labels(context) if labels else None

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

    def too_few_steps(self, reduction_factor: int) -> int:
        """Посчитай клипы, где шагов декодера меньше, чем нужно CTC."""
        return sum(
            -(-frames // reduction_factor) < steps_needed(spoken.tolist())
            for frames, spoken in zip(self.frames, self._spoken, strict=True)
        )

    def mean_mel(self) -> NDArray[np.float32]:
        """Верни средний кадр `[n_mels]` всей выборки; он считается однажды и лежит в кэше."""
        kept = self._cache.folder / f"mean_{self.fingerprint}.npy"
        n_mels = self._cache.audio.n_mel_channels
        with suppress(OSError, ValueError):
            mean = np.load(kept, allow_pickle=False)
            if mean.shape == (n_mels,) and mean.dtype == np.float32 and np.isfinite(mean).all():
                return mean
        total = np.zeros(n_mels)
        for path in self.paths:
            total += self._cache.get(path).sum(axis=1, dtype=np.float64)
        mean = (total / sum(self.frames)).astype(np.float32)
        file = io.BytesIO()
        np.save(file, mean)
        disk.write(kept, file.getvalue())
        return mean

    def first_mean(self) -> NDArray[np.float32]:
        """Верни средний кадр `[n_mels]` по первым `_MEAN_CLIPS` клипам: он нужен при запуске."""
        means = [self._cache.get(path).mean(axis=1) for path in self.paths[:_MEAN_CLIPS]]
        return np.mean(means, axis=0, dtype=np.float32)

    def batch(self, numbers: Sequence[int]) -> Batch:
        """Собери пачку из клипов с этими номерами."""
        texts = [self._symbols[number] for number in numbers]
        mels = [self._cache.get(self.paths[number]) for number in numbers]
        spoken = [self._spoken[number] for number in numbers]
        longest = max(mel.shape[1] for mel in mels)
        frames = np.zeros((len(numbers), mels[0].shape[0], longest), dtype=np.float32)
        for row, mel in enumerate(mels):
            frames[row, :, : mel.shape[1]] = mel
        return Batch(
            torch.from_numpy(_padded(texts)),
            _lengths(texts),
            torch.from_numpy(frames),
            torch.tensor([mel.shape[1] for mel in mels]),
            torch.from_numpy(_padded(spoken)),
            _lengths(spoken),
            self._spans_of(numbers),
        )

    def _read_labels(self, context: TrainingContext) -> list[NDArray[np.float32]]:
        """Верни времена символов каждого клипа в кадрах `[T_in, 2]`; без меток - NaN."""
        audio = context.audio
        seconds = [frames * audio.hop_length / audio.sampling_rate for frames in self.frames]
        times = LabelledClips(self.paths, seconds, self._symbols, context.frontend.symbols)
        spans = times.spans(self._cache.folder, context.progress)
        if missing := sum(bool(np.isnan(span).any()) for span in spans):
            context.warn(
                f"guidance: labels: {missing} of {len(spans)} clips have no phone labels; their"
                " attention is guided along the diagonal"
            )
        rate = audio.sampling_rate / audio.hop_length
        return [(span * rate).astype(np.float32) for span in spans]

    def _spans_of(self, numbers: Sequence[int]) -> Tensor | None:
        if self._spans is None:
            return None
        rows = [self._spans[number] for number in numbers]
        table = np.full((len(rows), max(map(len, rows)), 2), np.nan, dtype=np.float32)
        for row, spans in enumerate(rows):
            table[row, : len(spans)] = spans
        return torch.from_numpy(table)

    def in_order(self, batch_size: int) -> Iterator[Batch]:
        """Отдай всю выборку по возрастанию длины: проверочные пачки всегда одни и те же."""
        by_length = sorted(range(len(self)), key=lambda number: (self.frames[number], number))
        for start in range(0, len(by_length), batch_size):
            yield self.batch(by_length[start : start + batch_size])


def _padded(rows: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Собери строки разной длины в `[B, max]`, дополнив нулями."""
    table = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
    for row, numbers in enumerate(rows):
        table[row, : len(numbers)] = numbers
    return table


def _lengths(rows: Sequence[NDArray[np.int64]]) -> Tensor:
    return torch.tensor([len(row) for row in rows])
