"""Звук кусками: каждый считается вместе с соседями, от которых зависит; движок любой."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

FIRST_FRAMES = 32
LONGEST_FRAMES = 512
FIRST_GROWN, LONGEST_GROWN = 8, 64
"""Куски растущей mel короче: её кадры ещё надо сказать, а слушатель уже слушает."""


class Chunks:
    """Превращает mel `[n_mels, T]` в `(T - 1) * hop` отсчётов; `run` - вся сеть: `[T * hop]`.

    Кадр `t` отвечает за отсчёты `[t * hop, (t + 1) * hop)`; за последним кадром у записи нет целого
    блока (`T = 1 + N // hop`), поэтому он служит только соседом. Столько же отдаёт и
    `speech.mels.griffin_lim`.
    """

    def __init__(self, hop: int, reach: int, run: Callable[[np.ndarray], np.ndarray]) -> None:
        self._hop, self._reach, self._run = hop, reach, run

    def whole(self, mel: np.ndarray) -> np.ndarray:
        """Верни весь звук float32 `[(T - 1) * hop]`."""
        return np.concatenate([np.zeros(0, np.float32), *self.stream(mel, LONGEST_FRAMES)])

    def stream(self, mel: np.ndarray, first_frames: int = FIRST_FRAMES) -> Iterator[np.ndarray]:
        """Отдавай звук по мере готовности; первый кусок короткий, следующие вдвое длиннее.

        Каждый кусок считается вместе с соседями, от которых зависит, поэтому отсчёты те же.
        """
        frames = np.ascontiguousarray(mel, dtype=np.float32)
        start, size, last = 0, max(1, first_frames), frames.shape[1] - 1
        while start < last:
            end = min(start + size, last)
            yield self._chunk(frames, start, end)
            start, size = end, min(2 * size, max(first_frames, LONGEST_FRAMES))

    def follow(
        self, pieces: Iterable[np.ndarray], first_frames: int = FIRST_GROWN
    ) -> Iterator[np.ndarray]:
        """Озвучивай mel, которая приходит кусками `[n_mels, t]`; отсчёты те же, что у целой.

        Кадр звучит, едва пришли все соседи справа, от которых он зависит.
        """
        frames, start, size = np.zeros((0, 0), np.float32), 0, max(1, first_frames)
        for piece in pieces:
            piece = np.asarray(piece, dtype=np.float32)
            frames = np.concatenate([frames, piece], 1) if frames.size else piece
            ready = frames.shape[1] - max(1, self._reach)
            while ready - start >= size:
                end = min(ready, start + 4 * size)
                yield self._chunk(frames, start, end)
                start, size = end, min(2 * size, max(first_frames, LONGEST_GROWN))
        while start < frames.shape[1] - 1:
            end = min(start + LONGEST_FRAMES, frames.shape[1] - 1)
            yield self._chunk(frames, start, end)
            start = end

    def _chunk(self, mel: np.ndarray, start: int, end: int) -> np.ndarray:
        left = max(0, start - self._reach)
        samples = self._run(np.ascontiguousarray(mel[:, left : end + self._reach]))
        return samples[(start - left) * self._hop : (end - left) * self._hop]
