"""Маски по длинам: где в дополненном пакете настоящие данные."""

from __future__ import annotations

import torch
from torch import Tensor


def lengths_mask(lengths: Tensor, size: int) -> Tensor:
    """True на настоящих позициях: `[B]` -> `[B, size]`."""
    positions = torch.arange(size, device=lengths.device)
    return positions.unsqueeze(0) < lengths.unsqueeze(1)


def step_lengths(frame_lengths: Tensor, reduction_factor: int) -> Tensor:
    """Число шагов декодера, которое покрывает столько кадров: `ceil(длина / r)`, `[B]`."""
    return torch.div(
        frame_lengths + (reduction_factor - 1), reduction_factor, rounding_mode="floor"
    )
