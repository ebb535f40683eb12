"""Выбросы: робастно (медиана и MAD), отдельно для каждого голоса."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from tts_framework.speech.checking.corpus import Clip

MAD_TO_SIGMA = 1.4826


class Outlier(NamedTuple):
    """Клип далеко от остальных: значение, медиана его голоса и отклонение в сигмах."""

    clip: Clip
    value: float
    median: float
    sigmas: float


def outliers(
    values: Iterable[tuple[Clip, float]], *, sigmas: float, narrowest: float, clips: int
) -> Iterator[Outlier]:
    """Найди отклонения больше `sigmas`; сигма не меньше `narrowest`, голос — от `clips` клипов."""
    voices: dict[str, list[tuple[Clip, float]]] = defaultdict(list)
    for clip, value in values:
        voices[clip.row.speaker].append((clip, value))
    for found in voices.values():
        if len(found) < clips:
            continue
        numbers = np.array([value for _, value in found])
        median = float(np.median(numbers))
        sigma = max(float(np.median(np.abs(numbers - median))) * MAD_TO_SIGMA, narrowest)
        distance = np.abs(numbers - median) / sigma
        for position in np.flatnonzero(distance > sigmas):
            yield Outlier(*found[position], median, float(distance[position]))
