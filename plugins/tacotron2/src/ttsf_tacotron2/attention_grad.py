"""Обратные шаги внимания: пачка шагов пересчитывается разом, на шаге остаются узкие действия.

Энергии прямого прохода не хранятся (это `T * B * T_in * A` чисел): они пересчитываются пачками
из весов внимания и запросов, а градиенты параметров копятся раз в пачку.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ttsf_tacotron2.attention import windows

CPU_CHUNK_ELEMENTS = 1 << 20  # пачка [шаги, B, T_in, A] остаётся в кэше
GPU_CHUNK_ELEMENTS = 1 << 24


def chunk_size(elements_per_step: int, device: torch.device) -> int:
    """Сколько шагов пересчитывать разом."""
    limit = CPU_CHUNK_ELEMENTS if device.type == "cpu" else GPU_CHUNK_ELEMENTS
    return max(1, min(32, limit // elements_per_step))


class AttendBackward:
    """Обратные шаги над одной памятью; `alignments [T, B, T_in]`, `queries [T, B, A]`."""

    def __init__(
        self,
        memory: Tensor,  # [B, T_in, E]
        processed: Tensor,  # [B, T_in, A]
        location: Tensor,  # [2 * k, A]
        v: Tensor,  # [A]
        alignments: Tensor,
        queries: Tensor,
        alignments_grad: Tensor,  # [T, B, T_in]
    ) -> None:
        batch, size, _ = memory.shape
        self.processed, self.location, self.v, self.queries = processed, location, v, queries
        self.kernel = kernel = location.shape[0] // 2
        self.weights = alignments
        self.past = _past_weights(alignments, kernel // 2)
        self.memory_t = memory.transpose(1, 2).contiguous()
        # Накопители градиентов.
        self.contexts = memory.new_empty(len(alignments), batch, 1, memory.shape[2])
        self.query_grads = torch.empty_like(queries)
        self.processed_grad = torch.zeros_like(processed)
        self.location_grad = torch.zeros_like(location)
        self.v_grad = torch.zeros_like(v)
        # Рабочая память шага: полоса со сдвинутыми строками, сумма по отводам - это свёртка назад.
        pad = kernel - 1
        self._band = memory.new_zeros(batch, 2, kernel, size + pad)
        self._band_middle = self._band[..., pad // 2 : pad // 2 + size]
        self._diagonals = _diagonals(self._band, size)
        self._taps = memory.new_empty(batch, 2, size)
        self._tap_last, self._tap_total = self._taps[:, :1], self._taps[:, 1:]
        self._later = memory.new_zeros(batch, 1, size)
        self._from_next, self._weights = torch.zeros_like(self._later), torch.empty_like(
            self._later
        )
        # Виды на каждый шаг, взятые один раз: в цикле их создание стоило бы дороже самих действий.
        self._contexts, self._query_grads = self.contexts.unbind(0), self.query_grads.unsqueeze(
            2
        ).unbind(0)
        self._direct, self._alignments = alignments_grad.unsqueeze(2).unbind(
            0
        ), alignments.unsqueeze(2).unbind(0)

    def prepare(self, start: int, end: int) -> None:
        """Пересчитать шаги `start <= t < end`."""
        batch, size, width = self.processed.shape
        shifts = windows(self.past[start:end], self.kernel, size)
        self._windows = shifts.permute(0, 1, 4, 2, 3).reshape(-1, 2 * self.kernel)
        energies = torch.mm(self._windows, self.location).view(-1, batch, size, width)
        energies.add_(self.processed).add_(self.queries[start:end].unsqueeze(2))
        self._squashed = energies.tanh_()
        self._slope = torch.ops.aten.tanh_backward(self.v, self._squashed)
        spread = torch.matmul(self.location, self._slope.transpose(2, 3))
        self._start = start
        self._scores = torch.empty_like(self.weights[start:end])
        self._rows = self._scores.unsqueeze(2).unbind(0)
        self._columns = self._scores.view(-1, batch, 1, 1, size).unbind(0)
        self._slopes = self._slope.unbind(0)
        self._spreads = spread.view(-1, batch, 2, self.kernel, size).unbind(0)

    def step(self, t: int, context: Tensor) -> Tensor:
        """`context [E, B]` - градиент контекста шага `t`; вернуть градиент запроса `[B, A]`."""
        k = t - self._start
        row, column = self._rows[k], self._columns[k]
        contexts = self._contexts[t].copy_(context.t().unsqueeze(1))
        torch.baddbmm(self._direct[t], contexts, self.memory_t, out=self._weights)
        self._weights.add_(self._from_next)
        weights = self._alignments[t]
        row.copy_(torch._softmax_backward_data(self._weights, weights, -1, weights.dtype))
        torch.bmm(row, self._slopes[k], out=self._query_grads[t])
        torch.mul(self._spreads[k], column, out=self._band_middle)
        torch.sum(self._diagonals, 2, out=self._taps)
        self._later.add_(self._tap_total)
        torch.add(self._later, self._tap_last, out=self._from_next)
        return self.query_grads[t]

    def finish(self) -> None:
        """Сложить градиенты параметров по пачке, пройденной шагами."""
        scores = self._scores.unsqueeze(3)
        width = self.v.shape[0]
        self.v_grad.addmv_(self._squashed.view(-1, width).t(), scores.flatten())
        energies = self._slope.mul_(scores)
        self.processed_grad.add_(energies.sum(0))
        self.location_grad.addmm_(self._windows.t(), energies.view(-1, width))

    def memory_grad(self) -> Tensor:
        """Градиент памяти через контексты всех шагов: `[B, T_in, E]`."""
        return torch.bmm(self.weights.permute(1, 2, 0), self.contexts.squeeze(2).transpose(0, 1))


def _past_weights(alignments: Tensor, pad: int) -> Tensor:
    """Вход свёртки каждого шага: прошлые веса и их сумма, `[T, B, 2, T_in + 2 * pad]`."""
    steps, batch, size = alignments.shape
    past = alignments.new_zeros(steps, batch, 2, size + 2 * pad)
    past[1:, :, 0, pad : pad + size] = alignments[:-1]
    past[1:, :, 1, pad : pad + size] = alignments[:-1].cumsum(0)
    return past


def _diagonals(band: Tensor, size: int) -> Tensor:
    """Вид `[B, 2, k, T_in]` на полосу `[B, 2, k, L]`: строка k сдвинута на k влево от конца."""
    batch, channels, kernel, length = band.shape
    strides = (band.stride(0), band.stride(1), length - 1, 1)
    return band.as_strided((batch, channels, kernel, size), strides, kernel - 1)
