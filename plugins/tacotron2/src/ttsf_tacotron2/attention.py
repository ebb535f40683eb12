"""Внимание, чувствительное к положению: параметры и один прямой шаг."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ttsf_tacotron2.layers import NamedConv, NamedLinear
from ttsf_tacotron2.lstm_tape import wide_type
from ttsf_tacotron2.masking import lengths_mask
from ttsf_tacotron2.sizes import Sizes

MASKED_ENERGY = -1e9


class LocationLayer(nn.Module):
    """Свёртка прошлых весов внимания и её проекция; вместе они - одно линейное отображение."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        filters = sizes.attention_location_n_filters
        self.location_conv = NamedConv(2, filters, sizes.attention_location_kernel_size, bias=False)
        self.location_dense = NamedLinear(filters, sizes.attention_dim, bias=False, gain="tanh")

    def composed(self) -> Tensor:
        """Ядро, равное свёртке вместе с проекцией: `[2 * k, A]`, строки - (канал, отвод)."""
        with torch.autocast(self.location_conv.conv.weight.device.type, enabled=False):
            kernel = self.location_conv.conv.weight.flatten(1)
            return kernel.t() @ self.location_dense.linear_layer.weight.t()


class Attention(nn.Module):
    """Держит параметры внимания под именами эталона."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        size = sizes.attention_dim
        self.query_layer = NamedLinear(sizes.attention_rnn_dim, size, bias=False, gain="tanh")
        self.memory_layer = NamedLinear(sizes.encoder_embedding_dim, size, bias=False, gain="tanh")
        self.v = NamedLinear(size, 1, bias=False)
        self.location_layer = LocationLayer(sizes)


def energy_mask(lengths: Tensor, size: int) -> Tensor:
    """Добавка к энергиям: 0 на символах, большое отрицательное на дополнении, `[B, T_in]`."""
    return (~lengths_mask(lengths, size)).float() * MASKED_ENERGY


class Attend:
    """Прямые шаги внимания над одной памятью; всё в fp32 (или шире), без autograd."""

    def __init__(
        self,
        memory: Tensor,  # [B, T_in, E]
        processed: Tensor,  # [B, T_in, A]
        w_query: Tensor,  # [A, H]
        location: Tensor,  # [2 * k, A]
        v: Tensor,  # [A]
        mask: Tensor,  # [B, T_in]
        dtype: torch.dtype,
    ) -> None:
        wide = wide_type(dtype)
        batch, size, _ = memory.shape
        taps, width = location.shape
        self.w_query, self.v, self.mask = w_query.to(dtype), v.to(wide), mask.to(wide).flatten()
        self.memory, self.processed = memory.to(wide), processed.to(wide)
        self._past = self.memory.new_zeros(batch, 2, size + taps // 2 - 1)
        middle = self._past[:, :, taps // 4 : taps // 4 + size]
        self._last, self._total = middle[:, 0], middle[:, 1]
        # Последняя строка окна - единицы, ядра - запрос: он прибавляется тем же произведением.
        self._window = self.memory.new_ones(batch, taps + 1, size)
        self._kernel = self.memory.new_empty(batch, taps + 1, width)
        self._kernel[:, :-1] = location
        self._query = self._kernel[:, -1]
        self._shifts = windows(self._past, taps // 2, size)
        self._slots = self._window[:, :-1].view(batch, 2, taps // 2, size)
        self._energies = torch.empty_like(self.processed)
        self._context = self.memory.new_empty(batch, 1, memory.shape[2])

    def step(self, hidden: Tensor, weights: Tensor, context: Tensor, query: Tensor) -> None:
        """`hidden [H, B]` -> на месте: `weights [B, T_in]`, `context [E, B]`, `query [B, A]`."""
        query.copy_(torch.mm(self.w_query, hidden).t())
        self._query.copy_(query)
        self._slots.copy_(self._shifts)
        energies = torch.baddbmm(
            self.processed, self._window.transpose(1, 2), self._kernel, out=self._energies
        ).tanh_()
        scores = torch.addmv(self.mask, energies.view(-1, energies.shape[2]), self.v)
        torch.softmax(scores.view_as(weights), -1, out=weights)
        self._last.copy_(weights)
        self._total.add_(weights)
        torch.bmm(weights.unsqueeze(1), self.memory, out=self._context)
        context.copy_(self._context.squeeze(1).t())


def windows(past: Tensor, kernel: int, size: int) -> Tensor:
    """Вид `[..., 2, k, T_in]` на дополненные веса `[..., 2, T_in + k - 1]`: отвод - это сдвиг."""
    return past.as_strided((*past.shape[:-1], kernel, size), (*past.stride(), 1))
