"""Меры внимания: идёт ли оно по тексту и не пропускает ли символов.

Считают и над тензорами torch, и над массивами numpy: голос ONNX обходится без torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

    Array = TypeVar("Array", Tensor, NDArray[Any])

BAND = 0.1
NOTICED = 0.1
STRIDE = 4


def diagonality(alignments: Array, text_lengths: Array, step_lengths: Array) -> Array:
    """Доля веса внимания не дальше `BAND` длины текста от диагонали: `[B, S, T_in]` -> `[B]`.

    У речи без долгих пауз близка к 1, у равномерного внимания - к `2 * BAND`.
    """
    steps, symbols = alignments.shape[1:]
    done = (_places(step_lengths, steps) + 0.5) / step_lengths[:, None]
    read = (_places(text_lengths, symbols) + 0.5) / text_lengths[:, None]
    near = abs(done[:, :, None] - read[:, None]) <= BAND
    return (alignments * (near & _real(step_lengths, steps)[:, :, None])).sum((1, 2)) / step_lengths


def coverage(alignments: Array, text_lengths: Array, step_lengths: Array) -> Array:
    """Доля символов, которым хоть один шаг отдал не меньше `NOTICED` своего веса: `[B]`."""
    steps, symbols = alignments.shape[1:]
    noticed = ((alignments >= NOTICED) & _real(step_lengths, steps)[:, :, None]).any(1)
    return (noticed & _real(text_lengths, symbols)).sum(1) / text_lengths


def monotonicity(alignments: Array, step_lengths: Array) -> Array:
    """Доля шагов, на которых внимание стояло или шло вперёд не дальше `STRIDE` символов: `[B]`.

    Возврат на символ назад - не прыжок: веса соседей бывают почти равны.
    """
    places = alignments.argmax(2)
    moves = places[:, 1:] - places[:, :-1]
    calm = (moves >= -1) & (moves <= STRIDE) & _real(step_lengths - 1, moves.shape[1])
    alone = step_lengths == 1
    return calm.sum(1) / (step_lengths - 1 + alone) + alone


def _places(lengths: Array, size: int) -> Array:
    """Номера позиций `[1, size]` там же, где лежат длины."""
    if isinstance(lengths, np.ndarray):
        return np.arange(size)[None]
    return lengths.new_tensor(range(size))[None]


def _real(lengths: Array, size: int) -> Array:
    """Настоящие позиции `[B, size]`."""
    real: Array = _places(lengths, size) < lengths[:, None]
    return real
