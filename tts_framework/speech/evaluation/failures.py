"""Срывы синтеза без подсказки, видимые по пути внимания."""

from __future__ import annotations

import numpy as np

FAILURES = ("no_stop", "early_stop", "skipped", "repeated")


def free_running_failures(
    alignment: np.ndarray, stopped: bool, *, step_seconds: float = 0.0125
) -> frozenset[str]:
    """Назови срывы (из `FAILURES`) фразы с вниманием `[T_mel, T_text]`; пусто - срывов нет.

    `stopped` - кончилась ли фраза сама, а не по пределу шагов; `step_seconds` - сколько речи в
    одной строке матрицы (шаг декодера - `reduction_factor * hop_length / sampling_rate`).

    Raises:
        ValueError: матрица пуста, не двумерна или с NaN.
    """
    raise NotImplementedError
