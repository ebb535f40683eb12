"""Поток пачек обучения: чтение в отдельном потоке, место в выборке - часть чекпоинта."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from tts_framework.training.length_buckets import LengthBuckets, Place


class Pinnable(Protocol):
    """Пачка, память которой можно закрепить ради GPU."""

    def pinned(self: Batch) -> Batch:
        """Верни пачку в закреплённой памяти."""


Batch = TypeVar("Batch", bound=Pinnable)
Made = TypeVar("Made", bound=Pinnable, covariant=True)


class Clips(Protocol[Made]):
    """Выборка: длины клипов, отпечаток состава и сборка пачки."""

    frames: list[int]

    @property
    def fingerprint(self) -> str:
        """Верни отпечаток состава."""

    def batch(self, numbers: Sequence[int]) -> Made:
        """Собери пачку из клипов с этими номерами."""


class Feed(Generic[Batch]):
    """Отдаёт пачки эпоха за эпохой; продолжается с записанного места пачка в пачку."""

    def __init__(self, clips: Clips[Batch], batch_size: int, seed: int, *, pin: bool) -> None:
        self._clips, self._pin = clips, pin
        self._order, self.seed = LengthBuckets(clips.frames, seed), seed
        self._place = Place(batch_size)
        self._prefetch: Prefetch[Batch] | None = None

    @property
    def batch_size(self) -> int:
        """Верни действующий размер пачки."""
        return self._place.batch_size

    def next(self) -> Batch:
        """Верни следующую пачку; ошибка чтения поднимается здесь."""
        if self._prefetch is None:
            self._prefetch = Prefetch(self._order, self._make, self._place)
        batch, self._place = self._prefetch.next()
        return batch

    def resize(self, batch_size: int) -> None:
        """Продолжи с того же места пачками другого размера."""
        if batch_size != self.batch_size:
            self.close()
            self._place = self._order.resize(self._place, batch_size)

    def to_dict(self) -> dict[str, Any]:
        """Верни место после последней отданной пачки JSON-типами."""
        return {"seed": self.seed, "data": self._clips.fingerprint, **self._place.to_dict()}

    def restore(self, record: Any) -> bool:
        """Вернись на записанное место; False - клипы уже другие и начата новая эпоха.

        Raises:
            ValueError: запись повреждена.
        """
        if not isinstance(record, Mapping) or not isinstance(record.get("seed"), int):
            raise ValueError(f"{record!r} is not a place in the data")
        self.close()
        self.seed = record["seed"]
        self._order = LengthBuckets(self._clips.frames, self.seed)
        same = record.get("data") == self._clips.fingerprint
        resumed = self._order.resume(record, self.batch_size) if same else Place(self.batch_size)
        self._place = resumed
        return same

    def close(self) -> None:
        """Останови поток чтения; повторный вызов безвреден, `next` начнёт его снова."""
        if self._prefetch is not None:
            self._prefetch.close()
            self._prefetch = None

    def _make(self, numbers: Sequence[int]) -> Batch:
        batch = self._clips.batch(numbers)
        return batch.pinned() if self._pin else batch


class Prefetch(Generic[Batch]):
    """Готовит пачки наперёд в отдельном потоке, вместе с местом после каждой."""

    def __init__(
        self,
        order: LengthBuckets,
        make: Callable[[Sequence[int]], Batch],
        place: Place,
        depth: int = 3,
    ) -> None:
        self._order, self._make = order, make
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
                self._offer((self._make(numbers), place))
        except BaseException as error:  # поднимется у того, кто ждёт пачку
            self._offer(error)

    def _offer(self, item: tuple[Batch, Place] | BaseException) -> None:
        while not self._stopped.is_set():
            try:
                return self._ready.put(item, timeout=0.05)
            except queue.Full:
                continue
