"""Символы -> кадры: повторение по длительностям, средние по символам, место кадра в символе."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

PLACE_FEATURES = 4


def owners(durations: Tensor, frames: int) -> Tensor:
    """Верни символ каждого кадра `[B, T]` по длительностям `[B, N]`; за концом - последний."""
    ends = durations.cumsum(1)
    moments = torch.arange(frames, device=durations.device).expand(len(durations), frames)
    found = torch.searchsorted(ends, moments.contiguous(), right=True)
    return found.clamp(max=durations.shape[1] - 1)


def regulate(values: Tensor, owner: Tensor) -> Tensor:
    """Повтори символы `[B, N, C]` по кадрам `[B, T]` -> `[B, T, C]`."""
    return values.gather(1, owner.unsqueeze(2).expand(-1, -1, values.shape[2]))


def frame_places(durations: Tensor, owner: Tensor) -> Tensor:
    """Верни, где кадр внутри своего символа: доля и логарифмы расстояний `[B, T, 4]`.

    Без этого декодер узнаёт о границах символов лишь по разнице соседних кадров.
    """
    starts = durations.cumsum(1) - durations
    moments = torch.arange(owner.shape[1], device=owner.device)
    since = (moments - starts.gather(1, owner)).float()
    whole = durations.gather(1, owner).float().clamp(min=1)
    left = (whole - 1 - since).clamp(min=0)
    fraction = ((since + 0.5) / whole).clamp(max=1)
    return torch.stack([fraction, since.log1p(), left.log1p(), whole.log1p()], 2)


def symbol_means(values: Tensor, weights: Tensor, durations: Tensor) -> Tensor:
    """Верни взвешенное среднее кадров `[B, T]` каждого символа `[B, N]`; без кадров - ноль."""
    ends = durations.cumsum(1)
    sums = _between((values * weights).double(), ends, durations)
    total = _between(weights.double(), ends, durations)
    return torch.where(total > 0, sums / total.clamp(min=1e-9), 0.0).to(values.dtype)


def _between(values: Tensor, ends: Tensor, durations: Tensor) -> Tensor:
    running = F.pad(values.cumsum(1), (1, 0))
    last = values.shape[1]
    upto = running.gather(1, ends.clamp(max=last))
    return upto - running.gather(1, (ends - durations).clamp(max=last))


def whole_frames(durations: Tensor) -> Tensor:
    """Округли длительности `[B, N]` до целых кадров, не копя ошибки: сумма верна до полукадра."""
    ends = durations.double().cumsum(1).round()
    return torch.diff(ends, dim=1, prepend=torch.zeros_like(ends[:, :1])).long()
