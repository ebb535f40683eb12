"""Меры внимания: идёт ли оно по тексту и не пропускает ли символов."""

from __future__ import annotations

import torch
from torch import Tensor

from ttsf_tacotron2.masking import lengths_mask

BAND = 0.1
NOTICED = 0.1
STRIDE = 4


def diagonality(alignments: Tensor, text_lengths: Tensor, step_lengths: Tensor) -> Tensor:
    """Доля веса внимания не дальше `BAND` длины текста от диагонали: `[B, S, T_in]` -> `[B]`.

    У речи без долгих пауз близка к 1, у равномерного внимания - к `2 * BAND`.
    """
    steps, symbols = alignments.shape[1:]
    done = (torch.arange(steps, device=alignments.device) + 0.5) / step_lengths.unsqueeze(1)
    read = (torch.arange(symbols, device=alignments.device) + 0.5) / text_lengths.unsqueeze(1)
    near = (done.unsqueeze(2) - read.unsqueeze(1)).abs() <= BAND
    real = lengths_mask(step_lengths, steps).unsqueeze(2)
    return (alignments * (near & real)).sum((1, 2)) / step_lengths


def coverage(alignments: Tensor, text_lengths: Tensor, step_lengths: Tensor) -> Tensor:
    """Доля символов, которым хоть один шаг отдал не меньше `NOTICED` своего веса: `[B]`."""
    steps, symbols = alignments.shape[1:]
    real = lengths_mask(step_lengths, steps).unsqueeze(2)
    noticed = (alignments * real).amax(1) >= NOTICED
    return (noticed & lengths_mask(text_lengths, symbols)).sum(1) / text_lengths


def monotonicity(alignments: Tensor, step_lengths: Tensor) -> Tensor:
    """Доля шагов, на которых внимание стояло или шло вперёд не дальше `STRIDE` символов: `[B]`.

    Возврат на символ назад - не прыжок: веса соседей бывают почти равны.
    """
    places = alignments.argmax(2)
    moves = places.diff(dim=1)
    calm = (moves >= -1) & (moves <= STRIDE)
    real = lengths_mask(step_lengths - 1, moves.shape[1])
    return (calm & real).sum(1) / (step_lengths - 1).clamp(min=1) + (step_lengths == 1)
