"""Мел-спектрограмма, растущая с шагами декодера: кадры отдаются, едва postnet их увидел целиком.

Шаги и поправку считает любой движок; здесь только numpy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from ttsf_tacotron2.stopping import Progress

Float = NDArray[np.float32]
Step = tuple[Float, Float]
"""Кадры шага `[r, n_mels]` и его внимание `[T_in]`."""

FIRST_FRAMES = 8
"""Кадров в первых кусках: от них зависит, как скоро зазвучит голос."""
FRAMES = 32
"""Кадров в следующих: каждый кусок заново считает postnet над соседями."""
_EARLY = 48


class Growing:
    """Одна фраза кусками `[n_mels, t]`; в сумме те же кадры, что за один проход.

    `corrected` - мел декодера `[n_mels, t]` с поправкой postnet, `reach` - на сколько кадров в
    каждую сторону она смотрит, `progress` - правило остановки, которое ведут сами шаги.
    """

    def __init__(
        self,
        steps: Iterator[Step],
        corrected: Callable[[Float], Float],
        reach: int,
        progress: Progress,
    ) -> None:
        self._source, self._post = steps, corrected
        self._reach, self._progress = reach, progress
        self._frames: list[Float] = []
        self._weights: list[Float] = []
        self._given = 0

    @property
    def alignment(self) -> Float:
        """Внимание сделанных шагов `[S, T_in]`."""
        return np.stack(self._weights)

    @property
    def known(self) -> int:
        """Сколько кадров уже сказал декодер."""
        return sum(map(len, self._frames))

    @property
    def ended(self) -> str:
        """Чем кончилась фраза; пустая строка - ещё звучит."""
        return self._progress.reasons[0]

    def pieces(self) -> Iterator[Float]:
        """Отдавай кадры, которых будущие уже не изменят; конец фразы - в `rest`."""
        for frames, weights in self._source:
            self._frames.append(frames)
            self._weights.append(weights)
            settled = self.known - self._reach
            if settled - self._given >= (FIRST_FRAMES if self._given < _EARLY else FRAMES):
                yield self._corrected(settled)

    def rest(self) -> Float:
        """Верни кадры, ждавшие конца фразы."""
        return self._corrected(self.known)

    def _corrected(self, end: int) -> Float:
        """Поправь кадры от отданных до `end` вместе с соседями, от которых они зависят."""
        factor = len(self._frames[0])
        first = max(0, self._given - max(1, self._reach)) // factor
        mel = np.ascontiguousarray(np.concatenate(self._frames[first:]).T)
        start, self._given = self._given, end
        return self._post(mel)[:, start - first * factor : end - first * factor]
