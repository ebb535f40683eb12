"""Первый проход: вероятность речи, громкость и ограничение по всей записи."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tts_framework.components import Detector
from tts_framework.speech.segmenting.reading import Sound, opened
from tts_framework.speech.segmenting.streams import Moved, even, resampled

HOPS_PER_SECOND = 125
"""Громкость и ограничение известны на каждые 8 мс."""
FED_SECONDS = 16


@dataclass(frozen=True)
class Heard:
    """Что услышано в записи: несколько чисел на кадр, сколько бы часов она ни длилась.

    `probabilities` [кадров] — речь по детектору, кадр длится `frame` секунд; `power` [8 мс] —
    средний квадрат; `clipped` [8 мс] — сколько отсчётов упёрлось в предел.
    """

    seconds: float
    rate: int
    frame: float
    probabilities: np.ndarray
    power: np.ndarray
    clipped: np.ndarray


class Clipping:
    """Считает упёршиеся в предел отсчёты исходной записи, пока её не изменили."""

    def __init__(self, sound: Sound, moved: Moved) -> None:
        self.frames = 0
        self._sound = sound
        self._moved = moved
        self._hops: list[np.ndarray] = []

    def __call__(self, block: np.ndarray) -> None:
        """Учти кусок [n, каналов]."""
        if max(block.max(), -block.min()) >= self._sound.full_scale:
            at = np.flatnonzero((np.abs(block) >= self._sound.full_scale).any(axis=1))
            self._hops.append((at + self.frames) * HOPS_PER_SECOND // self._sound.rate)
        self.frames += len(block)
        self._moved(len(block) / self._sound.rate)

    def per_hop(self, hops: int) -> np.ndarray:
        """Верни число таких отсчётов на каждые 8 мс: int32 [hops]."""
        found = np.concatenate(self._hops) if self._hops else np.zeros(0, np.int64)
        return np.bincount(found, minlength=hops)[:hops].astype(np.int32)


def listen(path: Path, detector: Detector, moved: Moved) -> Heard:
    """Прослушай запись целиком.

    Raises:
        DataError: файл негоден.
    """
    rate = detector.sampling_rate
    hop = rate // HOPS_PER_SECOND
    power: list[np.ndarray] = []
    with opened(path) as sound:
        clipping = Clipping(sound, moved)
        pieces = resampled(sound, rate, clipping)
        for piece in even(pieces, FED_SECONDS * rate, np.lcm(detector.frame, hop)):
            detector.feed(piece)
            power.append(np.square(piece).reshape(-1, hop).mean(axis=1))
        track = np.concatenate(power) if power else np.zeros(0, np.float32)
    return Heard(
        seconds=clipping.frames / sound.rate,
        rate=sound.rate,
        frame=detector.frame / rate,
        probabilities=detector.probabilities(),
        power=track,
        clipped=clipping.per_hop(len(track)),
    )
