"""Динамическое свёрточное внимание (arXiv 1910.10288): только сдвиги, содержание не смотрится.

Обучение идёт обычным autograd, шаг за шагом: быстрая рекурсия `attention_loop` его не умеет.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ttsf_tacotron2.attention import energy_mask
from ttsf_tacotron2.layers import NamedLinear
from ttsf_tacotron2.sizes import Sizes

FILTERS = 8
KERNEL = 21
PRIOR = 11
_ALPHA, _BETA = 0.1, 0.9
_LEAST = 1e-6


class DynamicAttention(nn.Module):
    """Статические и динамические свёртки прошлых весов и заданное распределение сдвигов вперёд."""

    prior: Tensor

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        size = sizes.attention_dim
        self.static_conv = nn.Conv1d(1, FILTERS, KERNEL, padding=KERNEL // 2, bias=False)
        self.static_dense = NamedLinear(FILTERS, size, bias=False, gain="tanh")
        self.query_hidden = NamedLinear(sizes.attention_rnn_dim, size, gain="tanh")
        self.query_filters = NamedLinear(size, FILTERS * KERNEL, bias=False)
        self.dynamic_dense = NamedLinear(FILTERS, size, gain="tanh")
        self.v = NamedLinear(size, 1, bias=False)
        self.register_buffer("prior", _forward_moves().flip(0).view(1, 1, -1), persistent=False)

    def forward(self, hidden: Tensor, last: Tensor, mask: Tensor) -> Tensor:
        """`hidden [B, H]`, прошлые веса и добавка к энергиям `[B, T_in]` -> веса `[B, T_in]`."""
        batch, size = last.shape
        past = last.unsqueeze(1)
        filters = self.query_filters(torch.tanh(self.query_hidden(hidden)))
        dynamic = F.conv1d(
            last.unsqueeze(0), filters.view(-1, 1, KERNEL), padding=KERNEL // 2, groups=batch
        ).view(batch, FILTERS, size)
        seen = self.static_dense(self.static_conv(past).transpose(1, 2))
        energies = self.v(torch.tanh(seen + self.dynamic_dense(dynamic.transpose(1, 2))))
        moved = F.conv1d(F.pad(past, (PRIOR - 1, 0)), self.prior.to(last.dtype)).squeeze(1)
        return (energies.squeeze(2) + moved.clamp(min=_LEAST).log() + mask).softmax(1)


def at_the_start(memory: Tensor) -> Tensor:
    """Веса до первого шага: внимание на первом символе, `[B, T_in]`."""
    first = memory.new_zeros(memory.shape[:2])
    first[:, 0] = 1.0
    return first


def attention_lstm(
    x: Tensor,
    memory: Tensor,
    lengths: Tensor,
    rnn: nn.LSTMCell,
    attention: DynamicAttention,
    keep: Tensor | None,
) -> tuple[Tensor, Tensor]:
    """Как `attention_loop.attention_lstm`: `x [T, B, P]` -> состояния с контекстами и веса.

    Считается не уже fp32; `keep [T, H, B]` - множители dropout состояния.
    """
    with torch.autocast(x.device.type, enabled=False):
        wide = memory.float() if memory.dtype != torch.float64 else memory
        mask = energy_mask(lengths, memory.shape[1]).to(wide.dtype)
        weights, context = at_the_start(wide), wide.new_zeros(len(wide), wide.shape[2])
        state = (wide.new_zeros(len(wide), rnn.hidden_size),) * 2
        states, alignments = [], []
        for step, frame in enumerate(x.to(wide.dtype)):
            hidden, cell = rnn(torch.cat([frame, context], 1), state)
            if keep is not None:
                hidden = hidden * keep[step].t().to(hidden.dtype)
            state = hidden, cell
            weights = attention(hidden, weights, mask)
            context = torch.bmm(weights.unsqueeze(1), wide).squeeze(1)
            states.append(torch.cat([hidden, context], 1))
            alignments.append(weights)
        return torch.stack(states).to(x.dtype), torch.stack(alignments)


class DynamicAttend:
    """Шаги при синтезе, с теми же действиями на месте, что у `Attend`."""

    def __init__(self, attention: DynamicAttention, memory: Tensor, lengths: Tensor) -> None:
        self._attention, self._memory = attention, memory
        self._mask = energy_mask(lengths, memory.shape[1])
        self._last = at_the_start(memory)

    def step(self, hidden: Tensor, weights: Tensor, context: Tensor, query: Tensor) -> None:
        """`hidden [H, B]` -> на месте: `weights [B, T_in]`, `context [E, B]`; `query` не нужен."""
        weights.copy_(self._attention(hidden.t(), self._last, self._mask))
        self._last = weights.clone()
        context.copy_(torch.bmm(weights.unsqueeze(1), self._memory).squeeze(1).t())


def _forward_moves() -> Tensor:
    """Бета-биномиальное распределение сдвига вперёд на 0..10 символов."""
    n = PRIOR - 1

    def log_beta(a: float, b: float) -> float:
        return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)

    return torch.tensor(
        [
            math.comb(n, k)
            * math.exp(log_beta(k + _ALPHA, n - k + _BETA) - log_beta(_ALPHA, _BETA))
            for k in range(PRIOR)
        ]
    )
