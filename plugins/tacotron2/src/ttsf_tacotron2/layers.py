"""Кирпичи с именами эталона: `linear_layer`, `conv` и свёрточный блок с нормировкой."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ttsf_tacotron2.masking import lengths_mask

Gain = Literal["linear", "relu", "tanh", "sigmoid"]


def _gain(kind: Gain) -> float:
    return nn.init.calculate_gain(kind)


class NamedLinear(nn.Module):
    """Линейный слой под именем `linear_layer`, начальные веса - Xavier с усилением `gain`."""

    def __init__(
        self, size_in: int, size_out: int, bias: bool = True, gain: Gain = "linear"
    ) -> None:
        super().__init__()
        self.linear_layer = nn.Linear(size_in, size_out, bias=bias)
        nn.init.xavier_uniform_(self.linear_layer.weight, _gain(gain))

    def forward(self, x: Tensor) -> Tensor:
        return self.linear_layer(x)


class NamedConv(nn.Module):
    """Свёртка под именем `conv`, сохраняющая длину."""

    def __init__(
        self, size_in: int, size_out: int, kernel: int, bias: bool = True, gain: Gain = "linear"
    ) -> None:
        super().__init__()
        self.conv = nn.Conv1d(size_in, size_out, kernel, padding=kernel // 2, bias=bias)
        nn.init.xavier_uniform_(self.conv.weight, _gain(gain))

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


@dataclass(frozen=True)
class Padding:
    """Где в пакете `[B, T]` настоящие позиции; `None` вместо объекта значит «дополнения нет»."""

    real: Tensor  # [B, 1, T], 1 на настоящих позициях
    rows: Tensor  # [n], номера настоящих позиций в развёртке [B * T]

    @classmethod
    def of(cls, lengths: Tensor, size: int) -> Padding | None:
        mask = lengths_mask(lengths, size)
        rows = mask.flatten().nonzero().squeeze(1)
        return None if rows.numel() == mask.numel() else cls(mask.unsqueeze(1), rows)


def silence(x: Tensor, padding: Padding | None) -> Tensor:
    """Обнулить дополнение: свёртка увидит то же, что за краем клипа; `[B, C, T]`."""
    return x if padding is None else x * padding.real.to(x.dtype)


def normalize(norm: nn.BatchNorm1d, x: Tensor, padding: Padding | None) -> Tensor:
    """BatchNorm, статистики которого собраны только по настоящим позициям: `[B, C, T]`.

    По одной позиции статистик не собрать: она нормируется накопленными.
    """
    positions = x.shape[0] * x.shape[2] if padding is None else padding.rows.numel()
    if norm.training and positions == 1:
        return F.batch_norm(x, norm.running_mean, norm.running_var, norm.weight, norm.bias)
    if padding is None or not norm.training:
        return norm(x)
    batch, channels, time = x.shape
    flat = x.transpose(1, 2).reshape(batch * time, channels)
    real = norm(flat.index_select(0, padding.rows))
    out = torch.zeros_like(flat, dtype=real.dtype).index_copy(0, padding.rows, real)
    return out.view(batch, time, channels).transpose(1, 2)


class ConvBlock(nn.Sequential):
    """Свёртка и нормировка; в `state_dict` это `0.conv.*` и `1.*`."""

    def __init__(self, size_in: int, size_out: int, kernel: int, gain: Gain) -> None:
        super().__init__(NamedConv(size_in, size_out, kernel, gain=gain), nn.BatchNorm1d(size_out))

    def normalized(self, x: Tensor, padding: Padding | None) -> Tensor:
        """`[B, C_in, T]` -> `[B, C_out, T]`; вход на дополнении считается нулевым."""
        norm = self[1]
        assert isinstance(norm, nn.BatchNorm1d)
        return normalize(norm, self[0](silence(x, padding)), padding)
