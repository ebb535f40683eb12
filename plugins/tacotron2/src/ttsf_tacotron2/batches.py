"""Клипы -> пачки тензоров; чтение идёт в отдельном потоке и не задерживает шаг."""

from __future__ import annotations

import hashlib
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tts_framework.components import TrainingContext
from tts_framework.errors import DataError
from tts_framework.speech import filelist
from tts_framework.speech.mel_cache import MelCache
from ttsf_tacotron2.order import LengthBuckets, Place

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
            path, context.frontend, context.audio, context.skip_bad, context.warn
        )
        if not loaded:
            raise DataError(f"{path}: no clips to use; add lines of the form path|text")
        self.paths = [clip.path for clip in loaded]
        self.texts = [clip.text for clip in loaded]
        self._cache = MelCache(context.cache, context.audio)
        self._cache.ensure(self.paths, context.progress)
        self._symbols = [
            np.asarray(context.frontend.encode(text), dtype=np.int64) for text in self.texts
        ]
        self._reduction_factor = reduction_factor
        self.frames = [self._cache.frames(clip) for clip in self.paths]

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def fingerprint(self) -> str:
        """Верни отпечаток состава выборки: имена файлов, тексты и длины."""
        lines = zip((path.name for path in self.paths), self.texts, self.frames, strict=True)
        text = "\n".join(f"{name}|{text}|{frames}" for name, text, frames in lines)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

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
        steps = -(-longest // self._reduction_factor)
        frames = np.zeros(
            (len(numbers), mels[0].shape[0], steps * self._reduction_factor), dtype=np.float32
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


class Prefetch:
    """Готовит пачки наперёд в отдельном потоке, вместе с местом после каждой."""

    def __init__(
        self,
        order: LengthBuckets,
        make: Callable[[Sequence[int]], Batch],
        place: Place,
        *,
        pin: bool = False,
        depth: int = 3,
    ) -> None:
        self._order, self._make, self._pin = order, make, pin
        self._ready: queue.Queue[tuple[Batch, Place] | BaseException] = queue.Queue(depth)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(place,), daemon=True)
        self._thread.start()

    def next(self) -> tuple[Batch, Place]:
        """Верни пачку и место после неё; ошибка чтения поднимается здесь."""
        item = self._ready.get()
        if isinstance(item, BaseException):
            self._ready.put(item)
            raise item
        return item

    def close(self) -> None:
        """Останови поток; повторный вызов безвреден."""
        self._stopped.set()
        self._thread.join()

    def _work(self, place: Place) -> None:
        try:
            while not self._stopped.is_set():
                numbers, place = self._order.take(place)
                batch = self._make(numbers)
                self._offer((batch.pinned() if self._pin else batch, place))
        except BaseException as error:  # поднимется у того, кто ждёт пачку
            self._offer(error)

    def _offer(self, item: tuple[Batch, Place] | BaseException) -> None:
        while not self._stopped.is_set():
            try:
                return self._ready.put(item, timeout=0.05)
            except queue.Full:
                continue
