"""Слои над `[B, T, C]`: свёртка по времени, внимание, блок FFT, места в ряду."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Convolution(nn.Module):
    """Свёртка по времени `[B, T, C] -> [B, T, C']`, края дополнены нулями.

    На CPU это одно матричное произведение над перекрывающимися окнами: на узких слоях вчетверо
    быстрее `conv1d` из oneDNN. Форма весов - как у `nn.Conv1d`.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__()
        layer = nn.Conv1d(inputs, outputs, kernel)
        assert layer.bias is not None
        self.kernel, self.weight, self.bias = kernel, layer.weight, layer.bias

    def forward(self, values: Tensor) -> Tensor:
        if self.kernel == 1:
            return F.linear(values, self.weight[:, :, 0], self.bias)
        if values.device.type != "cpu":
            turned = F.conv1d(values.mT, self.weight, self.bias, padding=self.kernel // 2)
            return turned.mT
        half = self.kernel // 2
        batch, time, inputs = values.shape
        padded = F.pad(values, (0, 0, half, half)).contiguous()
        windows = padded.as_strided(
            (batch, time, self.kernel * inputs), (padded.stride(0), inputs, 1)
        )
        return F.linear(windows, self.weight.mT.reshape(len(self.weight), -1), self.bias)


class SelfAttention(nn.Module):
    """Многоголовое внимание; `keys [B, 1, 1, T]` прибавляется к весам, у заполнителя - -inf."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.inputs = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)

    def forward(self, values: Tensor, keys: Tensor) -> Tensor:
        batch, time, width = values.shape
        split = self.inputs(values).view(batch, time, 3, self.heads, -1)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=keys.to(query.dtype))
        return self.output(mixed.transpose(1, 2).reshape(batch, time, width))


class Block(nn.Module):
    """FFT-блок (FastSpeech, 3.1): внимание и две свёртки, нормировка перед каждым."""

    def __init__(self, width: int, heads: int, filter_dim: int, kernel: int) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(width)
        self.attention = SelfAttention(width, heads)
        self.filter_norm = nn.LayerNorm(width)
        self.widen = Convolution(width, filter_dim, kernel)
        self.narrow = Convolution(filter_dim, width, 1)

    def forward(self, values: Tensor, keys: Tensor, real: Tensor, dropout: float) -> Tensor:
        heard = self.attention(self.attention_norm(values), keys)
        values = values + F.dropout(heard, dropout, self.training)
        wide = torch.relu(self.widen(self.filter_norm(values) * real))
        return values + F.dropout(self.narrow(wide), dropout, self.training)


class Stack(nn.Module):
    """Блоки FFT над рядом с местами; заполнитель на выходе - нули."""

    def __init__(self, width: int, layers: int, heads: int, filter_dim: int, kernel: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(width, heads, filter_dim, kernel) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, values: Tensor, real: Tensor, dropout: float) -> Tensor:
        """`values [B, T, C]`, `real [B, T]` -> `[B, T, C]`."""
        keys = torch.zeros_like(real, dtype=values.dtype).masked_fill(~real, -math.inf)
        keys, shown = keys[:, None, None, :], real.unsqueeze(2)
        values = values + places(values.shape[1], values.shape[2], values.device)
        values = F.dropout(values, dropout, self.training)
        for block in self.blocks:
            values = block(values, keys, shown, dropout)
        return self.norm(values) * shown


def places(time: int, width: int, device: torch.device) -> Tensor:
    """Верни синусы и косинусы мест `[T, C]` (Vaswani и др., 2017)."""
    half = width // 2
    scale = torch.exp(torch.arange(half, device=device) * (-math.log(10_000.0) / half))
    angles = torch.arange(time, device=device).unsqueeze(1) * scale
    return torch.cat([angles.sin(), angles.cos()], 1)


def full(values: Tensor) -> Tensor:
    """Верни fp32 вместо половинной точности; прочее - как есть."""
    return values.float() if values.dtype in (torch.bfloat16, torch.float16) else values


def lengths_mask(lengths: Tensor, longest: int) -> Tensor:
    """Отметь настоящие элементы: `[B]` -> `[B, longest]`, bool."""
    return torch.arange(longest, device=lengths.device) < lengths.unsqueeze(1)
