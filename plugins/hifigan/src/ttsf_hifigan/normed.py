"""Свёртки с весовой нормировкой под эталонными именами `weight_g` и `weight_v`.

Старый `torch.nn.utils.weight_norm` даёт эти имена, но объявлен устаревшим, а новый даёт другие.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import spectral_norm

NEGATIVE_SLOPE = 0.1


class _WeightNorm(nn.Module):
    """Заменяет параметр `weight` парой: длина `weight_g [C, 1, ...]` и направление `weight_v`."""

    weight_g: nn.Parameter
    weight_v: nn.Parameter

    def _split(self) -> None:
        weight = self._parameters.pop("weight")
        assert weight is not None
        norm = torch.norm_except_dim(weight.detach(), 2, 0)
        self.register_parameter("weight_g", nn.Parameter(norm.clone()))
        self.register_parameter("weight_v", nn.Parameter(weight.detach().clone()))

    def normed(self) -> Tensor:
        """Собери вес свёртки."""
        weight: Tensor = torch._weight_norm(self.weight_v, self.weight_g, 0)
        return weight


class NormedConv1d(_WeightNorm, nn.Conv1d):
    """`nn.Conv1d` с весовой нормировкой."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._split()

    def forward(self, x: Tensor) -> Tensor:
        return self._conv_forward(x, self.normed(), self.bias)


class NormedConv2d(_WeightNorm, nn.Conv2d):
    """`nn.Conv2d` с весовой нормировкой."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._split()

    def forward(self, x: Tensor) -> Tensor:
        return self._conv_forward(x, self.normed(), self.bias)


class NormedConvTranspose1d(_WeightNorm, nn.ConvTranspose1d):
    """`nn.ConvTranspose1d` с весовой нормировкой (по входным каналам, как в эталоне)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._split()

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        return F.conv_transpose1d(x, self.normed(), self.bias, self.stride[0], int(self.padding[0]))


class PlainConv1d(nn.Conv1d):
    """Свёртка генератора после свёртывания нормировки."""


class PlainConvTranspose1d(nn.ConvTranspose1d):
    """Повышающая свёртка генератора после свёртывания нормировки."""


def conv1d(spectral: bool, *args: Any, **kwargs: Any) -> nn.Module:
    """Верни одномерную свёртку со спектральной или весовой нормировкой."""
    if spectral:
        return spectral_norm(nn.Conv1d(*args, **kwargs))
    return NormedConv1d(*args, **kwargs)


def folded(layer: nn.Module) -> nn.Module:
    """Верни обычный слой с тем же действием, что у `NormedConv1d` и `NormedConvTranspose1d`."""
    if not isinstance(layer, NormedConv1d | NormedConvTranspose1d):
        return layer
    kind = PlainConv1d if isinstance(layer, NormedConv1d) else PlainConvTranspose1d
    plain = kind(
        layer.in_channels,
        layer.out_channels,
        layer.kernel_size[0],
        stride=layer.stride[0],
        padding=int(layer.padding[0]),
        dilation=layer.dilation[0],
    )
    with torch.no_grad():
        plain.weight.copy_(layer.normed())
        if plain.bias is not None and layer.bias is not None:
            plain.bias.copy_(layer.bias)
    return plain


def fold(module: nn.Module) -> None:
    """Сверни весовую нормировку всех слоёв модуля на месте; тренировать его больше нельзя."""
    for name, child in list(module.named_children()):
        plain = folded(child)
        if plain is not child:
            setattr(module, name, plain)
        else:
            fold(child)
