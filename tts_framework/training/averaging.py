"""Скользящее среднее весов (EMA): им оценивают и говорят, а учатся обычные веса."""

from __future__ import annotations

import copy
from typing import Generic, TypeVar

import torch
from torch import nn

Network = TypeVar("Network", bound=nn.Module)

_WARMUP = 10


class Average(Generic[Network]):
    """Держит усреднённую копию сети.

    Первые обновления усредняют короче (`(1 + n) / (10 + n)`), чтобы начальные веса забылись.
    """

    def __init__(self, network: Network, decay: float) -> None:
        self.decay, self.updates = decay, 0
        self.network = copy.deepcopy(network).eval().requires_grad_(False)

    @torch.no_grad()
    def update(self, network: Network) -> None:
        """Прибавь веса после шага; буферы нормировок усредняются так же."""
        decay = min(self.decay, (1 + self.updates) / (_WARMUP + self.updates))
        self.updates += 1
        own, new = self.network.state_dict(), network.state_dict()
        names = [name for name, tensor in own.items() if tensor.is_floating_point()]
        torch._foreach_lerp_([own[n] for n in names], [new[n] for n in names], 1.0 - decay)
        for name in own.keys() - set(names):
            own[name].copy_(new[name])

    def restart(self, network: Network) -> None:
        """Начни среднее заново с этих весов."""
        self.network.load_state_dict(network.state_dict())
        self.updates = 0
