"""LSTM с dropout на рекуррентном состоянии: весь проход одной функцией autograd.

Прямой проход: вклад входа всех шагов - одно большое произведение, в цикле остаётся только
`W_hh @ h`. Обратный: в цикле только `W_hh^T @ dgates`, а градиент каждой матрицы весов - одно
большое произведение по всем шагам в конце.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ttsf_tacotron2.lstm_tape import Backward, Forward, Product, chunks_backward, project, wide_type

CHUNK = 32


def lstm(x: Tensor, w_ih: Tensor, w_hh: Tensor, bias: Tensor, keep: Tensor | None = None) -> Tensor:
    """`x [T, B, K]` -> состояния `[T, B, H]`; тип вычислений - тип `x`.

    `keep [T, H, B]` - готовые множители dropout (0 или `1 / (1 - p)`), которые умножают состояние
    до его возврата в рекурсию; `bias [4H]` - сумма обоих смещений.
    """
    with torch.autocast(x.device.type, enabled=False):
        return _Lstm.apply(x, w_ih, w_hh, bias, keep)


class _Lstm(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, w_ih: Tensor, w_hh: Tensor, bias: Tensor, keep: Tensor | None
    ) -> Tensor:
        steps, batch, _ = x.shape
        forward = Forward(project(x, w_ih.to(x.dtype), bias), keep)
        states = x.new_zeros(steps + 1, w_hh.shape[1], batch)
        hidden, gates = states.unbind(0), forward.gates.unbind(0)
        recur = Product(w_hh.to(x.dtype), batch)
        for t in range(steps):
            recur.add(gates[t], hidden[t])
            forward.step(t, hidden[t + 1])
        out = states[1:].transpose(1, 2).contiguous()
        ctx.save_for_backward(x, w_ih, w_hh, forward.gates, forward.cells, keep, out)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, w_ih, w_hh, gates, cells, keep, out = ctx.saved_tensors
        with torch.autocast(x.device.type, enabled=False):
            gates_grad = _through_time(grad, w_hh, Backward(gates, cells, keep))
            return (
                *input_gradients(gates_grad, x, w_ih),
                recurrent_gradient(gates_grad, out),
                bias_gradient(gates_grad),
                None,
            )


def _through_time(grad: Tensor, w_hh: Tensor, backward: Backward) -> Tensor:
    """`grad [T, B, H]` -> градиенты вентилей `[4H, T * B]`."""
    steps, batch, _ = grad.shape
    hidden = torch.clone(grad.transpose(1, 2), memory_format=torch.contiguous_format).unbind(0)
    recur = Product(w_hh.t().to(grad.dtype).contiguous(), batch)
    next_gates: Tensor | None = None
    for start, end in chunks_backward(steps, CHUNK):
        backward.prepare(start, end)
        for t in range(end - 1, start - 1, -1):
            if next_gates is not None:
                recur.add(hidden[t], next_gates)
            next_gates = backward.step(t, hidden[t])
    return backward.flat.flatten(1)


def input_gradients(gates: Tensor, x: Tensor, w_ih: Tensor) -> tuple[Tensor, Tensor]:
    """Градиенты входа и его весов; `gates [4H, T * B]`, `x [T, B, K]`, `w_ih [4H, K]`."""
    x_grad = torch.mm(gates.t(), w_ih.to(gates.dtype)).view_as(x)
    return x_grad, torch.mm(gates, x.reshape(-1, x.shape[2])).to(w_ih.dtype)


def recurrent_gradient(gates: Tensor, out: Tensor) -> Tensor:
    """Градиент `w_hh`: вентили шага t на состояние шага t - 1; `out [T, B, H]`."""
    batch = out.shape[1]
    return torch.mm(gates[:, batch:], out[:-1].reshape(-1, out.shape[2])).to(wide_type(gates.dtype))


def bias_gradient(gates: Tensor) -> Tensor:
    """Сумма по шагам и пакету: `[4H, T * B]` -> `[4H]`; внутри копится не уже fp32."""
    return gates.sum(1).to(wide_type(gates.dtype))
