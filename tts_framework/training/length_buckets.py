"""Порядок клипов: чистая функция зерна и места в эпохе, поэтому место - всё его состояние."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np

_LENGTH_NOISE = 0.1


@dataclass(frozen=True)
class Place:
    """Место в обучающей выборке: эпоха и сколько её пачек уже отдано.

    `spent` - клипы эпохи, отданные пачками прежнего размера (если размер меняли посреди неё).
    """

    batch_size: int
    epoch: int = 0
    batch: int = 0
    spent: tuple[int, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Верни словарь из JSON-типов."""
        return {**asdict(self), "spent": list(self.spent)}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Place:
        """Обратное к `to_dict`."""
        return cls(
            batch_size=int(record["batch_size"]),
            epoch=int(record["epoch"]),
            batch=int(record["batch"]),
            spent=tuple(int(clip) for clip in record["spent"]),
        )


class LengthBuckets:
    """Раскладывает клипы по пачкам близкой длины; за эпоху каждый клип встречается однажды."""

    def __init__(self, lengths: Sequence[int], seed: int) -> None:
        self._lengths = np.asarray(lengths, dtype=np.float64)
        self._seed = seed
        self._plan = lru_cache(maxsize=2)(self._make_plan)

    def take(self, place: Place) -> tuple[list[int], Place]:
        """Верни пачку в этом месте и следующее место."""
        plan = self._plan(place.epoch, place.spent, place.batch_size)
        if place.batch + 1 < len(plan):
            after = Place(place.batch_size, place.epoch, place.batch + 1, place.spent)
        else:
            after = Place(place.batch_size, place.epoch + 1)
        return plan[place.batch], after

    def resize(self, place: Place, batch_size: int) -> Place:
        """Верни то же место при другом размере пачки: остаток эпохи раскладывается заново."""
        plan = self._plan(place.epoch, place.spent, place.batch_size)
        given = [clip for batch in plan[: place.batch] for clip in batch]
        return Place(batch_size, place.epoch, 0, tuple(sorted({*place.spent, *given})))

    def resume(self, record: Any, batch_size: int) -> Place:
        """Верни записанное `Place.to_dict` место, при нужном размере пачки.

        Raises:
            ValueError: запись повреждена.
        """
        try:
            place = Place.from_dict(record)
            self.take(place)
        except (KeyError, TypeError, IndexError, ZeroDivisionError) as error:
            raise ValueError(f"{record!r} is not a place of this order") from error
        return place if place.batch_size == batch_size else self.resize(place, batch_size)

    def _make_plan(self, epoch: int, spent: tuple[int, ...], batch_size: int) -> list[list[int]]:
        rng = np.random.default_rng([self._seed, epoch, len(spent)])
        left = np.setdiff1d(np.arange(len(self._lengths)), np.asarray(spent, dtype=np.int64))
        noise = np.exp(rng.normal(0.0, _LENGTH_NOISE, len(left)))
        by_length = left[np.argsort(self._lengths[left] * noise, kind="stable")]
        count = -(-len(left) // batch_size)
        batches = [part.tolist() for part in np.array_split(by_length, count)]
        return [batches[number] for number in rng.permutation(count)]
