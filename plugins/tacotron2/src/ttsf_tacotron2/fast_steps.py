"""Шаги декодера при синтезе: слитные веса рекурсий, состояния на месте, без autograd.

Одна фраза на CPU упирается в чтение весов из памяти, поэтому её веса можно держать в bf16 или
int8; пачка фраз читает их один раз на всех, и ей быстрее fp32.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from ttsf_tacotron2.decoder import Decoder
from ttsf_tacotron2.lstm_tape import Product

Storage = Literal["fp32", "bf16", "int8"]


class Gates:
    """`weight @ state + bias`: вентили `[4H, B]` из состояния `[K, B]`."""

    def __init__(self, weight: Tensor, bias: Tensor, batch: int, storage: Storage) -> None:
        self._bias = bias.unsqueeze(1).expand(-1, batch).contiguous()
        self.out = torch.empty_like(self._bias)
        alone = batch == 1 and weight.device.type == "cpu"
        self._storage: Storage = storage if alone else "fp32"
        self._product = None if alone else Product(weight, batch)
        self._narrow = weight
        if self._storage == "bf16":
            self._narrow = weight.bfloat16()
        elif self._storage == "int8":
            scale = weight.abs().amax(1).clamp(min=1e-12) / 127
            self._narrow = (weight / scale.unsqueeze(1)).round().to(torch.int8)
            self._scale, self._ones = scale, torch.ones_like(scale, dtype=torch.bfloat16)

    def of(self, state: Tensor) -> Tensor:
        """Верни вентили, лежащие в своей памяти до следующего вызова."""
        if self._product is not None:
            self.out.copy_(self._bias)
            self._product.add(self.out, state)
        elif self._storage == "fp32":
            torch.addmv(self._bias[:, 0], self._narrow, state[:, 0], out=self.out[:, 0])
        elif self._storage == "bf16":
            product = torch.mv(self._narrow, state[:, 0].bfloat16())
            torch.add(self._bias[:, 0], product, out=self.out[:, 0])
        else:
            row = state.t().bfloat16()
            product = torch._weight_int8pack_mm(row, self._narrow, self._ones)
            torch.addcmul(self._bias[:, 0], product[0].float(), self._scale, out=self.out[:, 0])
        return self.out


class Cell:
    """LSTM поверх своих вентилей; скрытое состояние пишется туда, где его прочтут."""

    def __init__(self, rnn: nn.LSTMCell, batch: int, storage: Storage) -> None:
        weight = torch.cat([rnn.weight_ih, rnn.weight_hh], 1)
        self._gates = Gates(weight, rnn.bias_ih + rnn.bias_hh, batch, storage)
        self._cell = weight.new_zeros(rnn.hidden_size, batch)
        self._squashed = torch.empty_like(self._cell)
        self._parts = self._gates.out.view(4, rnn.hidden_size, batch).unbind(0)

    def step(self, state: Tensor, hidden: Tensor) -> None:
        """`state [K, B]` - вход и прежнее состояние; новое - в `hidden [H, B]`."""
        gates = self._gates.of(state)
        i, f, g, o = self._parts
        g.mul_(2)
        gates.sigmoid_()
        g.mul_(2).sub_(1)
        self._cell.mul_(f).addcmul_(i, g)
        torch.mul(self._cell, 2, out=self._squashed).sigmoid_().mul_(2).sub_(1)
        torch.mul(o, self._squashed, out=hidden)


class FastSteps:
    """Состояние обеих рекурсий между шагами синтеза."""

    def __init__(
        self, decoder: Decoder, memory: Tensor, lengths: Tensor, storage: Storage = "fp32"
    ) -> None:
        batch = len(memory)
        self._attend = decoder.attend(memory, lengths)
        width, size = decoder.prenet.width, memory.shape[2]
        first, second = decoder.attention_rnn, decoder.decoder_rnn
        self._first, self._second = Cell(first, batch, storage), Cell(second, batch, storage)
        one = memory.new_zeros(width + size + first.hidden_size, batch)
        two = memory.new_zeros(first.hidden_size + size + second.hidden_size, batch)
        self._one, self._input = one, one[:width]
        self._context_one, self._hidden_one = one[width : width + size], one[width + size :]
        self._two, self._copy = two, two[: first.hidden_size]
        self._context = two[first.hidden_size : first.hidden_size + size]
        self._hidden_two = two[first.hidden_size + size :]
        self._query = memory.new_empty(batch, decoder.attention_dim)
        self._seen = memory.new_empty(second.hidden_size + size, batch)
        self._output = decoder.output_weights()

    def step(self, x: Tensor, weights: Tensor) -> Tensor:
        """`x [B, P]` -> кадры и логит остановки `[B, n_mels * r + 1]`; внимание - в `weights`."""
        self._input.copy_(x.t())
        self._first.step(self._one, self._hidden_one)
        self._attend.step(self._hidden_one, weights, self._context, self._query)
        self._context_one.copy_(self._context)
        self._copy.copy_(self._hidden_one)
        self._second.step(self._two, self._hidden_two)
        size = len(self._hidden_two)
        self._seen[:size], self._seen[size:] = self._hidden_two, self._context
        weight, bias = self._output
        return torch.addmm(bias, self._seen.t(), weight.t())
