"""LSTM по шагам без autograd: прямой шаг, обратный шаг и произведения на веса.

Состояния лежат «признаками вперёд»: `[H, B]`, вентили одного шага - `[4H, B]` в порядке PyTorch
(i, f, g, o). Так веса читаются подряд, строка за строкой: при малом пакете скорость рекурсии
равна скорости чтения весов из памяти, и больше ничего не решает.
"""

from __future__ import annotations

import torch
from torch import Tensor

aten = torch.ops.aten


def wide_type(dtype: torch.dtype) -> torch.dtype:
    """Тип для поэлементных действий: не уже fp32 (fp64 остаётся собой)."""
    return torch.promote_types(dtype, torch.float32)


PROJECT_COLUMNS = 512  # ширина одного большого произведения: его выход остаётся в кэше
RING = 32  # на CPU перестановка осей быстрее всего такими порциями


def project(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Вход всех шагов большими произведениями: `[T, B, K]` -> вентили `[T, 4H, B]`."""
    steps, batch, width = x.shape
    gates = x.new_empty(steps, weight.shape[0], batch)
    column = bias.to(x.dtype).unsqueeze(1)
    size = max(1, PROJECT_COLUMNS // batch) if x.device.type == "cpu" else steps
    for part, out in zip(x.split(size), gates.split(size)):
        flat = torch.addmm(column, weight, part.reshape(-1, width).t())
        out.copy_(flat.view(-1, len(part), batch).transpose(0, 1))
    return gates


class Product:
    """`out += weight @ state` для одного шага, с самым быстрым разбиением для типа и машины."""

    def __init__(self, weight: Tensor, batch: int) -> None:
        rows = weight.shape[0]
        blocks = 8 if _gains_from_blocks(weight) else 1
        self.weight = weight.view(blocks, rows // blocks, -1)
        self.blocked = (blocks, rows // blocks, batch)

    def add(self, out: Tensor, state: Tensor) -> None:
        """`out [N, B]` меняется на месте; `state [K, B]`."""
        if self.blocked[0] == 1:
            out.addmm_(self.weight[0], state)
        else:
            out.view(self.blocked).baddbmm_(self.weight, state.expand(self.blocked[0], -1, -1))


def _gains_from_blocks(weight: Tensor) -> bool:
    """На CPU узкое произведение fp32 быстрее блоками строк; bf16 и так упирается в память."""
    return (
        weight.device.type == "cpu"
        and weight.dtype == torch.float32
        and weight.shape[0] % 8 == 0
        and weight.numel() >= 1 << 20
    )


class Forward:
    """Прямой проход: вентили `[T, 4H, B]` превращаются на месте в их активации.

    `tanh(x)` считается как `2 * sigmoid(2x) - 1`: на CPU `torch.tanh` делит между потоками даже
    тысячу чисел, и на занятой машине ожидание потока стоит в сотни раз дороже самого действия.
    """

    def __init__(self, gates: Tensor, keep: Tensor | None) -> None:
        steps, width, batch = gates.shape
        hidden, wide = width // 4, wide_type(gates.dtype)
        self.gates = gates
        self.cells = torch.zeros(steps + 1, hidden, batch, dtype=wide, device=gates.device)
        self._tanh = torch.empty_like(self.cells[0])
        self._minus_one = torch.tensor(-1.0, dtype=wide, device=gates.device)
        self._work = None if gates.dtype == wide else gates[0].to(wide)
        self._gates, self._cells = gates.unbind(0), self.cells.unbind(0)
        self._keep = None if keep is None else keep.unbind(0)

    def step(self, t: int, hidden: Tensor) -> None:
        """Закончить шаг `t`, записав состояние в `hidden [H, B]`; вентили уже сложены."""
        gates = self._gates[t]
        if self._work is not None:
            gates = self._work.copy_(gates)
        i, f, g, o = gates.view(4, *hidden.shape).unbind(0)
        g.mul_(2)
        gates.sigmoid_()
        torch.add(self._minus_one, g, alpha=2, out=g)
        cell = torch.mul(f, self._cells[t], out=self._cells[t + 1]).addcmul_(i, g)
        squashed = torch.mul(cell, 2, out=self._tanh).sigmoid_()
        torch.add(self._minus_one, squashed, alpha=2, out=squashed)
        if self._keep is not None:
            squashed.mul_(self._keep[t])
        torch.mul(o, squashed, out=hidden)
        if self._work is not None:
            self._gates[t].copy_(self._work)


class Backward:
    """Обратный проход: множители считаются пачками шагов, на шаге остаются четыре действия.

    Градиенты вентилей последних шагов живут в кэше, в кольце `[RING, 4H, B]`, и по кругу
    переходят в `flat [4H, T, B]` - для произведений по всем шагам сразу.
    """

    def __init__(self, gates: Tensor, cells: Tensor, keep: Tensor | None) -> None:
        self.gates, self.cells, self.keep = gates, cells, keep
        steps, width, batch = gates.shape
        self.flat = gates.new_empty(width, steps, batch)
        self._carry = torch.zeros_like(cells[0])
        self._cell = torch.empty_like(cells[0])
        self._ring = gates.new_empty(min(RING, steps), width, batch)
        self._gradients = self._ring.unbind(0)
        self._parts = self._ring.view(-1, 4, *cells.shape[1:]).unbind(0)

    def prepare(self, start: int, end: int) -> None:
        """Посчитать множители шагов `start <= t < end`, каждый `[шаги, ..., H, B]`."""
        cells, size = self.cells, end - start
        i, f, g, o = self.gates[start:end].to(cells.dtype).view(size, 4, *cells.shape[1:]).unbind(1)
        squashed = torch.tanh(cells[start + 1 : end + 1])
        to_cell = aten.tanh_backward(o, squashed)
        to_output = aten.sigmoid_backward(squashed, o)
        if self.keep is not None:
            to_cell.mul_(self.keep[start:end])
            to_output.mul_(self.keep[start:end])
        from_cell = cells.new_empty(size, 3, *cells.shape[1:])
        aten.sigmoid_backward.grad_input(g, i, grad_input=from_cell[:, 0])
        aten.sigmoid_backward.grad_input(cells[start:end], f, grad_input=from_cell[:, 1])
        aten.tanh_backward.grad_input(i, g, grad_input=from_cell[:, 2])
        self._start = start
        self._to_cell, self._to_output = to_cell.unbind(0), to_output.unbind(0)
        self._from_cell, self._forget = from_cell.unbind(0), f.unbind(0)

    def step(self, t: int, hidden: Tensor) -> Tensor:
        """`hidden [H, B]` - градиент состояния шага `t`; вернуть градиент вентилей `[4H, B]`."""
        k, slot = t - self._start, t % RING
        out = self._parts[slot]
        cell = torch.addcmul(self._carry, hidden, self._to_cell[k], out=self._cell)
        torch.mul(self._from_cell[k], cell, out=out[:3])
        torch.mul(self._to_output[k], hidden, out=out[3])
        torch.mul(cell, self._forget[k], out=self._carry)
        if slot == 0:
            part = self.flat[:, t : t + RING]
            part.copy_(self._ring[: part.shape[1]].transpose(0, 1))
        return self._gradients[slot]


def chunks_backward(steps: int, size: int) -> list[tuple[int, int]]:
    """Отрезки шагов `(начало, конец)` от последнего к первому."""
    return [(max(end - size, 0), end) for end in range(steps, 0, -size)]
