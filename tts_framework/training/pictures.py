"""Картинки для журнала одним numpy: импорт matplotlib дороже самих картинок."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_HEIGHT, _WIDTH = 240, 640
_DOT = 2
_STOPS = np.array(  # опорные цвета viridis, через равные доли шкалы
    [
        (68, 1, 84),
        (71, 45, 123),
        (59, 82, 139),
        (44, 114, 142),
        (33, 145, 140),
        (40, 174, 128),
        (94, 201, 98),
        (173, 220, 48),
        (253, 231, 37),
    ],
    dtype=np.float64,
)


def heatmap(values: NDArray[np.float32], low: float, high: float) -> Pixels:
    """Раскрась матрицу `[строки, столбцы]`: нулевая строка внизу, NaN - чёрный; `[H, W, 3]`."""
    grid = _enlarged(np.asarray(values, dtype=np.float64)[::-1])
    unit = np.clip((grid - low) / max(high - low, 1e-12), 0.0, 1.0)
    at = np.linspace(0.0, 1.0, len(_STOPS))
    bands = [np.interp(np.nan_to_num(unit), at, _STOPS[:, band]) for band in range(3)]
    pixels = np.stack(bands, axis=-1).round().astype(np.uint8)
    pixels[np.isnan(unit)] = 0
    return pixels


def curves(target: NDArray[np.float32], predicted: NDArray[np.float32]) -> Pixels:
    """Нарисуй на белом два ряда вероятностей `[N]`: цель зелёным, предсказание красным."""
    pixels = np.full((_HEIGHT, _WIDTH, 3), 255, dtype=np.uint8)
    for series, colour in ((target, (30, 150, 60)), (predicted, (210, 40, 40))):
        columns = np.linspace(0, _WIDTH - _DOT, len(series)).astype(int)
        height = np.clip(np.nan_to_num(series), 0.0, 1.0) * (_HEIGHT - _DOT)
        across = np.arange(_WIDTH - _DOT + 1)
        rows = _HEIGHT - _DOT - np.interp(across, columns, height).astype(int)
        for down in range(_DOT):
            for right in range(_DOT):
                pixels[rows + down, np.minimum(across + right, _WIDTH - 1)] = colour
    return pixels


def _enlarged(grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Повтори клетки целое число раз, чтобы мелкая матрица была видна."""
    down = max(1, _HEIGHT // grid.shape[0])
    right = max(1, _WIDTH // grid.shape[1])
    return grid.repeat(down, axis=0).repeat(right, axis=1)
