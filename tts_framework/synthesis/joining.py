"""Сшивка фраз одной строки: переход без щелчка, одинаково для файла и потока."""

from __future__ import annotations

import numpy as np

FADE_SECONDS = 0.02


class Joiner:
    """Принимает куски фраз и отдаёт отсчёты, место которых уже решено.

    Конец фразы накладывается на начало следующей с плавным переходом в `FADE_SECONDS`, поэтому
    хвост такой длины ждёт, пока не станет ясно, что за ним.
    """

    def __init__(self, sampling_rate: int) -> None:
        self._fade = max(1, int(FADE_SECONDS * sampling_rate))
        self._kept = np.zeros(0, np.float32)
        self._tail = np.zeros(0, np.float32)  # конец прошлой фразы, ждущий начала следующей

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Прими кусок фразы `[N]`; верни то, что можно отдать."""
        kept = np.concatenate([self._kept, np.asarray(samples, dtype=np.float32)])
        if len(self._tail):
            if len(kept) < len(self._tail):
                self._kept = kept
                return kept[:0]
            kept, self._tail = _crossfaded(self._tail, kept), self._tail[:0]
        ready = max(0, len(kept) - self._fade)
        self._kept = kept[ready:]
        return kept[:ready]

    def end_phrase(self) -> np.ndarray:
        """Закончи фразу, за которой пойдёт другая той же строки."""
        if len(self._tail):  # фраза короче перехода: накладывать нечего
            ready, self._tail, self._kept = self._tail, self._kept, self._kept[:0]
            return ready
        self._tail, self._kept = self._kept, self._kept[:0]
        return self._kept

    def end_line(self) -> np.ndarray:
        """Закончи строку: верни всё, что ещё ждало."""
        rest = np.concatenate([self._tail, self._kept])
        self._tail = self._kept = self._kept[:0]
        return rest


def _crossfaded(tail: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Наложи хвост на начало: `len(tail)` отсчётов перехода, дальше - как было."""
    count = len(tail)
    share = (np.arange(count, dtype=np.float32) + 1) / (count + 1)
    return np.concatenate([tail * (1 - share) + kept[:count] * share, kept[count:]])
