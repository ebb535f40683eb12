"""Поток отрезков обучения: чистая функция зерна и номера отрезка, поэтому место - одно число."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import numpy as np

from ttsf_hifigan.clips import Batch, Clips

_DEPTH, _WORKERS = 3, 2


class Feed:
    """Отдаёт пачки; за эпоху каждый клип встречается однажды, отрезок в нём случаен."""

    def __init__(
        self, clips: Clips, batch_size: int, segment_frames: int, seed: int, *, pin: bool
    ) -> None:
        self._clips, self._pin = clips, pin
        self.seed, self.batch_size, self.segment_frames = seed, batch_size, segment_frames
        self.position = 0
        self._order = lru_cache(maxsize=2)(self._permutation)
        self._pool: ThreadPoolExecutor | None = None
        self._ready: deque[Future[Batch]] = deque()

    @property
    def epoch(self) -> int:
        """Верни, сколько раз выборка отдана целиком."""
        return self.position // len(self._clips)

    def next(self) -> Batch:
        """Верни следующую пачку; ошибка чтения поднимается здесь."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="segments")
        while len(self._ready) < _DEPTH:
            ahead = self.position + len(self._ready) * self.batch_size
            self._ready.append(self._pool.submit(self._make, ahead))
        batch = self._ready.popleft().result()
        self.position += self.batch_size
        return batch

    def resize(self, batch_size: int, segment_frames: int) -> None:
        """Продолжи с того же места другими пачками."""
        if (batch_size, segment_frames) != (self.batch_size, self.segment_frames):
            self.close()
            self.batch_size, self.segment_frames = batch_size, segment_frames

    def to_dict(self) -> dict[str, Any]:
        """Верни место после последней отданной пачки JSON-типами."""
        return {
            "seed": self.seed,
            "data": self._clips.fingerprint,
            "position": self.position,
            "clips": len(self._clips),
        }

    def restore(self, record: Any) -> bool:
        """Вернись на записанное место; False - клипы уже другие, и начата новая эпоха.

        Raises:
            ValueError: запись повреждена.
        """
        seed, position, clips = _place(record)
        self.close()
        self.seed = seed
        self._order.cache_clear()
        same = bool(record.get("data") == self._clips.fingerprint)
        self.position = position if same else -(-position // clips) * len(self._clips)
        return same

    def close(self) -> None:
        """Останови чтение; повторный вызов безвреден, `next` начнёт его снова."""
        self._ready.clear()
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def _make(self, position: int) -> Batch:
        places = [self._place(number) for number in range(position, position + self.batch_size)]
        batch = self._clips.batch(places, self.segment_frames)
        return batch.pinned() if self._pin else batch

    def _place(self, number: int) -> tuple[int, int]:
        """Верни клип и первый кадр отрезка с этим номером."""
        epoch, index = divmod(number, len(self._clips))
        clip = int(self._order(self.seed, epoch)[index])
        free = self._clips.frames[clip] - 1 - self.segment_frames
        if free <= 0:
            return clip, 0
        return clip, int(np.random.default_rng([self.seed, 1, number]).integers(free + 1))

    def _permutation(self, seed: int, epoch: int) -> np.ndarray:
        return np.random.default_rng([seed, 0, epoch]).permutation(len(self._clips))


def _place(record: Any) -> tuple[int, int, int]:
    keys = ("seed", "position", "clips")
    values = [record.get(key) for key in keys] if isinstance(record, Mapping) else []
    numbers = [value for value in values if isinstance(value, int) and value >= 0]
    if len(numbers) != len(keys) or numbers[2] == 0:
        raise ValueError(f"{record!r} is not a place in the data")
    return numbers[0], numbers[1], numbers[2]
