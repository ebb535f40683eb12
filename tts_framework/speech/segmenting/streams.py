"""Запись как моно-поток нужной частоты, ровными кусками."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import soxr

from tts_framework.speech.segmenting.reading import Sound

Moved = Callable[[float], None]
"""Сколько секунд записи прочитано с прошлого вызова."""


def resampled(sound: Sound, rate: int, heard: Callable[[np.ndarray], None]) -> Iterator[np.ndarray]:
    """Сведи в моно и смени частоту: float32 [n]; `heard` видит исходные куски [n, каналов].

    Начало потока совпадает с началом записи: задержку фильтра soxr убирает сам.
    """
    if sound.rate == rate:
        for block in sound.blocks:
            heard(block)
            yield _mono(block)
        return
    stream = soxr.ResampleStream(sound.rate, rate, 1, dtype="float32", quality="HQ")
    for block in sound.blocks:
        heard(block)
        yield stream.resample_chunk(_mono(block))
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def even(pieces: Iterable[np.ndarray], size: int, multiple: int) -> Iterator[np.ndarray]:
    """Собери куски не короче `size`, длиной кратные `multiple`; последний дополни нулями."""
    kept: list[np.ndarray] = []
    length = 0
    for piece in pieces:
        kept.append(piece)
        length += len(piece)
        if length >= size:
            joined = np.concatenate(kept)
            whole = length - length % multiple
            yield joined[:whole]
            kept, length = [joined[whole:]], length - whole
    if length:
        yield np.pad(np.concatenate(kept), (0, -length % multiple))


def _mono(block: np.ndarray) -> np.ndarray:
    return block[:, 0] if block.shape[1] == 1 else block.mean(axis=1)
