"""Темп речи: растяжение mel во времени.

Кадры новой mel берутся между кадрами прежней линейной интерполяцией логарифма: высота голоса
записана в полосах кадра и не меняется, фазы вокодер придумывает сам. Так же меняют темп модели с
явными длительностями, только по символам. Растянутые вдвое согласные теряют резкость, поэтому
пределы - 0.5 и 2; голос с собственным `rate` растягивает сам.
"""

from __future__ import annotations

import numpy as np

SLOWEST, FASTEST = 0.5, 2.0


def stretched(frames: np.ndarray, rate: float) -> np.ndarray:
    """Верни mel `[n_mels, T']`, звучащую в `rate` раз быстрее; концы остаются на месте.

    `T' = 1 + round((T - 1) / rate)`.
    """
    count = frames.shape[1]
    if rate == 1.0 or count < 2:
        return frames
    places = np.linspace(0, count - 1, 1 + max(1, round((count - 1) / rate)))
    left = np.minimum(places.astype(np.int64), count - 2)
    share = (places - left).astype(frames.dtype)
    return np.asarray(frames[:, left] * (1 - share) + frames[:, left + 1] * share)
