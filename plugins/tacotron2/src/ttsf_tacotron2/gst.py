"""Глобальные стили (GST, arXiv 1803.09017): эталонная запись -> веса токенов -> стиль."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from ttsf_tacotron2.layers import Padding, normalize
from ttsf_tacotron2.lstm_tape import wide_type
from ttsf_tacotron2.style_source import HEADS, TOKENS

FILTERS = (32, 32, 64, 64, 128, 128)
HIDDEN = 128
SIZE = 256
_MEAN_MOMENTUM = 0.01


class Style(NamedTuple):
    """Стиль пачки и веса токенов, из которых он собран."""

    embedding: Tensor  # [B, SIZE]
    weights: Tensor  # [B, HEADS, TOKENS], сумма по токенам - 1


class ReferenceEncoder(nn.Module):
    """Шесть свёрток 3x3 с шагом 2 и GRU; дополнение пакета не влияет ни на что."""

    def __init__(self, n_mels: int) -> None:
        super().__init__()
        widths = (1, *FILTERS)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(size_in, size_out, 3, stride=2, padding=1)
            for size_in, size_out in zip(widths, widths[1:])
        )
        self.norms = nn.ModuleList(nn.BatchNorm1d(size) for size in FILTERS)
        bands = n_mels
        for _ in FILTERS:
            bands = -(-bands // 2)
        self.gru = nn.GRU(FILTERS[-1] * bands, HIDDEN, batch_first=True)

    def forward(self, mels: Tensor, lengths: Tensor) -> Tensor:
        """`[B, n_mels, T]` -> `[B, HIDDEN]`."""
        x, left = _silenced(mels.transpose(1, 2).unsqueeze(1), lengths), lengths
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            assert isinstance(norm, nn.BatchNorm1d)
            x = convolution(x)  # [B, C, T, полосы]
            left = torch.div(left + 1, 2, rounding_mode="floor")
            batch, channels, time, bands = x.shape
            padding = Padding.of(left * bands, time * bands)
            x = normalize(norm, x.flatten(2), padding).view(batch, channels, time, bands)
            x = _silenced(torch.relu(x), left)
        steps = x.transpose(1, 2).flatten(2)
        packed = pack_padded_sequence(steps, left.cpu(), batch_first=True, enforce_sorted=False)
        return self.gru(packed)[1][0]


class StyleTokens(nn.Module):
    """Многоголовое внимание записи на токены; средние веса корпуса - стиль «никакой»."""

    mean_weights: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Parameter(torch.empty(TOKENS, SIZE // HEADS))
        nn.init.normal_(self.tokens, std=0.5)
        self.query = nn.Linear(HIDDEN, SIZE, bias=False)
        self.key = nn.Linear(SIZE // HEADS, SIZE, bias=False)
        self.value = nn.Linear(SIZE // HEADS, SIZE, bias=False)
        self.register_buffer("mean_weights", torch.full((HEADS, TOKENS), 1.0 / TOKENS))

    def forward(self, reference: Tensor) -> Style:
        """`[B, HIDDEN]` -> стиль и веса."""
        query = self.query(reference).view(-1, HEADS, 1, SIZE // HEADS)
        keys = self._by_head(self.key)
        scores = (query * keys).sum(3) / math.sqrt(SIZE // HEADS)
        weights = scores.to(wide_type(scores.dtype)).softmax(2)
        if self.training:
            with torch.no_grad():
                self.mean_weights.lerp_(weights.mean(0), _MEAN_MOMENTUM)
        return Style(self.mixed(weights), weights)

    def mixed(self, weights: Tensor) -> Tensor:
        """Собери стиль `[B, SIZE]` из весов `[B, HEADS, TOKENS]`."""
        values = self._by_head(self.value)
        return torch.einsum("bht,htd->bhd", weights.to(values.dtype), values).flatten(1)

    def _by_head(self, layer: nn.Module) -> Tensor:
        """Токены через `layer`: `[HEADS, TOKENS, SIZE / HEADS]`."""
        rows: Tensor = layer(torch.tanh(self.tokens))
        return rows.view(TOKENS, HEADS, -1).transpose(0, 1)


class GlobalStyle(nn.Module):
    """Запись -> стиль; 485 024 параметра при 80 мел-полосах."""

    def __init__(self, n_mels: int) -> None:
        super().__init__()
        self.reference = ReferenceEncoder(n_mels)
        self.attention = StyleTokens()

    def forward(self, mels: Tensor, lengths: Tensor) -> Style:
        """`[B, n_mels, T]` -> стиль пачки."""
        style: Style = self.attention(self.reference(mels, lengths))
        return style

    def chosen(self, weights: Sequence[float] | None) -> Style:
        """Верни стиль `[1, SIZE]` по весам токенов; None - средний стиль корпуса."""
        mean = self.attention.mean_weights
        if weights is None:
            spread = mean.unsqueeze(0)
        else:
            row = torch.tensor(list(weights), dtype=mean.dtype, device=mean.device)
            spread = row.expand(1, HEADS, TOKENS)
        return Style(self.attention.mixed(spread), spread)


def entropy(weights: Tensor) -> Tensor:
    """Энтропия весов токенов в долях наибольшей: `[..., TOKENS]` -> `[...]`, 1 - поровну."""
    return -torch.xlogy(weights, weights).sum(-1) / math.log(weights.shape[-1])


def _silenced(x: Tensor, lengths: Tensor) -> Tensor:
    """Обнули дополнение: `[B, C, T, полосы]`."""
    real = torch.arange(x.shape[2], device=x.device) < lengths.unsqueeze(1)
    return x if bool(real.all()) else x * real[:, None, :, None].to(x.dtype)
