"""Направляющий штраф внимания: вдали от диагонали или от символа, который звучит по меткам."""

from __future__ import annotations

import torch
from torch import Tensor

from ttsf_tacotron2.masking import lengths_mask


def guided_attention_loss(
    alignments: Tensor, text_lengths: Tensor, step_lengths: Tensor, penalty: Tensor
) -> Tensor:
    """Среднее `alignments * penalty` по настоящим клеткам; обе `[B, S, T_in]`.

    `step_lengths [B]` - число настоящих шагов декодера.
    """
    steps, symbols = alignments.shape[1:]
    with torch.autocast(alignments.device.type, enabled=False):
        real = lengths_mask(step_lengths, steps).unsqueeze(2) & lengths_mask(
            text_lengths, symbols
        ).unsqueeze(1)
        return (alignments.float() * penalty * real).sum() / real.sum()


def diagonal_penalty(
    text_lengths: Tensor, step_lengths: Tensor, like: Tensor, *, sigma: float = 0.4
) -> Tensor:
    """Штраф за расстояние от диагонали (Tachibana и др., 2017) той же формы, что `like`."""
    steps, symbols = like.shape[1:]
    done = _progress(step_lengths, steps).unsqueeze(2)
    read = _progress(text_lengths, symbols).unsqueeze(1)
    return 1.0 - torch.exp((read - done).square() / (-2.0 * sigma * sigma))


def labels_penalty(spans: Tensor, otherwise: Tensor, reduction_factor: int, width: float) -> Tensor:
    """Штраф за символ, который звучит не на этом шаге; клип без меток - `otherwise`.

    `spans [B, T_in, 2]` - начало и конец символов в кадрах, NaN у дополнения и клипов без меток;
    `width` - допуск в кадрах, `otherwise [B, S, T_in]`. Внутри символа штрафа нет, на расстоянии
    `width` от него - 0.39, вдали - 1.
    """
    steps = torch.arange(otherwise.shape[1], device=spans.device, dtype=spans.dtype)
    middle = (steps * reduction_factor + (reduction_factor - 1) / 2).view(1, -1, 1)
    start, end = spans[..., 0].unsqueeze(1), spans[..., 1].unsqueeze(1)
    away = torch.maximum(start - middle, middle - end).clamp(min=0)
    penalty = 1.0 - torch.exp(away.square() / (-2.0 * width * width))
    return torch.where(spans[:, :1, :1].isnan(), otherwise, penalty.nan_to_num(1.0))


def _progress(lengths: Tensor, size: int) -> Tensor:
    """Доля пройденного на каждой позиции: `[B]` -> `[B, size]`."""
    return torch.arange(size, device=lengths.device).unsqueeze(0) / lengths.unsqueeze(1)
