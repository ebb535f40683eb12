"""Рекурсия внимания при обучении с подсказкой: весь проход одной функцией autograd."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ttsf_tacotron2.attention import Attend
from ttsf_tacotron2.attention_grad import AttendBackward, chunk_size
from ttsf_tacotron2.lstm_loop import bias_gradient, input_gradients, recurrent_gradient
from ttsf_tacotron2.lstm_tape import (
    Backward,
    Forward,
    Product,
    chunks_backward,
    project,
    wide_type,
)


class Weights(NamedTuple):
    """Параметры рекурсии внимания; порядок полей - порядок аргументов функции autograd."""

    w_ih: Tensor  # [4H, P + E]
    w_hh: Tensor  # [4H, H]
    bias: Tensor  # [4H], сумма обоих смещений
    w_query: Tensor  # [A, H]
    location: Tensor  # [2 * k, A]
    v: Tensor  # [A]


def attention_lstm(
    x: Tensor,
    memory: Tensor,
    processed: Tensor,
    mask: Tensor,
    weights: Weights,
    keep: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """`x [T, B, P]` -> состояния с контекстами `[T, B, H + E]` и веса внимания `[T, B, T_in]`.

    Тип вычислений LSTM - тип `x`, внимание считается в fp32; `memory [B, T_in, E]`,
    `processed [B, T_in, A]`, `mask [B, T_in]` (добавка к энергиям), `keep [T, H, B]`.
    """
    with torch.autocast(x.device.type, enabled=False):
        return _AttentionLstm.apply(x, memory, processed, mask, keep, *weights)


class _AttentionLstm(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        memory: Tensor,
        processed: Tensor,
        mask: Tensor,
        keep: Tensor | None,
        *parameters: Tensor,
    ) -> tuple[Tensor, Tensor]:
        w = Weights(*parameters)
        steps, batch, width = x.shape
        hidden = w.w_hh.shape[1]
        forward = Forward(project(x, w.w_ih[:, :width].to(x.dtype), w.bias), keep)
        states = x.new_zeros(steps + 1, hidden + memory.shape[2], batch)
        attend = Attend(memory, processed, w.w_query, w.location, w.v, mask, x.dtype)
        wide = wide_type(x.dtype)
        alignments = torch.empty(steps, *mask.shape, dtype=wide, device=x.device)
        queries = torch.empty(steps, batch, len(w.v), dtype=wide, device=x.device)
        _run(
            forward,
            attend,
            Product(state_weights(w, width, x.dtype), batch),
            states,
            alignments,
            queries,
        )
        out = states[1:].transpose(1, 2).contiguous()
        tape = (forward.gates, forward.cells, keep)
        ctx.save_for_backward(x, memory, processed, *tape, queries, out, alignments, *parameters)
        return out, alignments

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor, alignments_grad: Tensor) -> tuple[Tensor | None, ...]:
        x, memory, processed, *tape = ctx.saved_tensors[:6]
        queries, out, alignments, *parameters = ctx.saved_tensors[6:]
        w, wide = Weights(*parameters), wide_type(x.dtype)
        with torch.autocast(x.device.type, enabled=False):
            seen = memory.to(wide), processed.to(wide), w.location.to(wide), w.v.to(wide)
            attend = AttendBackward(*seen, alignments, queries, alignments_grad)
            gates = _through_time(grad, w, x.shape[2], Backward(*tape), attend)
            x_grad, w_x = input_gradients(gates, x, w.w_ih[:, : x.shape[2]])
            grads = _weight_gradients(w, gates, w_x, out, attend)
            memory_grad = attend.memory_grad().to(memory.dtype)
            return (
                x_grad,
                memory_grad,
                attend.processed_grad.to(processed.dtype),
                None,
                None,
                *grads,
            )


def _weight_gradients(
    w: Weights, gates: Tensor, w_x: Tensor, out: Tensor, attend: AttendBackward
) -> Weights:
    """Градиенты весов: `gates [4H, T * B]`, `w_x [4H, P]` - часть prenet, `out [T, B, H + E]`."""
    hidden = w.w_hh.shape[1]
    states = recurrent_gradient(gates, out).to(w.w_hh.dtype)
    queries = attend.query_grads.flatten(0, 1).t().to(out.dtype)
    return Weights(
        w_ih=torch.cat([w_x, states[:, hidden:]], 1),
        w_hh=states[:, :hidden].contiguous(),
        bias=bias_gradient(gates),
        w_query=(queries @ out[..., :hidden].reshape(-1, hidden)).to(w.w_query.dtype),
        location=attend.location_grad,
        v=attend.v_grad,
    )


def state_weights(w: Weights, width: int, dtype: torch.dtype) -> Tensor:
    """Веса состояния с контекстом `[4H, H + E]`; первые `width` столбцов `w_ih` - для prenet."""
    return torch.cat([w.w_hh.to(dtype), w.w_ih[:, width:].to(dtype)], 1)


def _run(
    forward: Forward,
    attend: Attend,
    recur: Product,
    states: Tensor,
    alignments: Tensor,
    queries: Tensor,
) -> None:
    """Пройти все шаги; `states [T + 1, H + E, B]`, нулевое состояние уже в начале."""
    size = forward.cells.shape[1]
    steps = zip(
        forward.gates, states[:-1], states[1:, :size], states[1:, size:], alignments, queries
    )
    for t, (gates, state, hidden, context, weights, query) in enumerate(steps):
        recur.add(gates, state)
        forward.step(t, hidden)
        attend.step(hidden, weights, context, query)


def _through_time(
    grad: Tensor, w: Weights, width: int, backward: Backward, attend: AttendBackward
) -> Tensor:
    """`grad [T, B, H + E]` -> градиенты вентилей `[4H, T * B]`."""
    steps, batch, _ = grad.shape
    size = w.w_hh.shape[1]
    states = torch.clone(grad.transpose(1, 2), memory_format=torch.contiguous_format)
    hidden, contexts, whole = (
        states[:, :size].unbind(0),
        states[:, size:].unbind(0),
        states.unbind(0),
    )
    recur = Product(state_weights(w, width, grad.dtype).t().contiguous(), batch)
    next_gates: Tensor | None = None
    w_query = w.w_query.t().to(grad.dtype).contiguous()
    for start, end in chunks_backward(steps, chunk_size(attend.processed.numel(), grad.device)):
        backward.prepare(start, end)
        attend.prepare(start, end)
        for t in range(end - 1, start - 1, -1):
            if next_gates is not None:
                recur.add(whole[t], next_gates)
            query = attend.step(t, contexts[t])
            hidden[t].addmm_(w_query, query.t().to(grad.dtype))
            next_gates = backward.step(t, hidden[t])
        attend.finish()
    return backward.flat.flatten(1)
