"""Длинная свёртка меньшим числом умножений (Toom-Cook F(n, n); Winograd, 1980).

Ядро режется на куски по `n` отводов, вход - на плитки по `n` отсчётов (при растяжении `d` - через
`d`). Плитка и кусок ядра переводятся в `2n - 1` точек, где свёртка становится умножением матриц
каналов: при `n = 4` - 7 умножений вместо 16. Шаг плиток равен длине куска, поэтому образ входа у
всех кусков ядра один.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_POINTS = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 4.0)


def _evaluation(count: int, size: int) -> Tensor:
    """Значения многочлена из `size` коэффициентов в точках и в бесконечности: `[count, size]`."""
    rows = [[point**power for power in range(size)] for point in _POINTS[: count - 1]]
    return torch.tensor([*rows, [0.0] * (size - 1) + [1.0]], dtype=torch.float64)


class ToomCookConv(nn.Module):
    """Действует как `nn.Conv1d` с нечётным ядром и той же длиной выхода, но на отсчётах `[T, C]`.

    `tile` - n: чем больше, тем меньше умножений и тем дороже переход в точки. Каналы лежат подряд,
    поэтому плитки любого растяжения - целые строки памяти.
    """

    images: Tensor
    to_points: Tensor
    from_points: Tensor
    bias: Tensor

    def __init__(self, conv: nn.Conv1d, tile: int = 4) -> None:
        super().__init__()
        kernel, self._dilation = conv.kernel_size[0], conv.dilation[0]
        self._tile, self._points = tile, 2 * tile - 1
        self._reach = self._dilation * (kernel - 1) // 2
        self._pieces = -(-kernel // tile)
        weight = F.pad(conv.weight.detach().double(), (0, self._pieces * tile - kernel))
        taps = weight.view(*weight.shape[:2], self._pieces, tile)
        evaluation = _evaluation(self._points, tile)
        images = torch.einsum("pk,oijk->jpio", evaluation, taps)
        to_points = torch.linalg.inv(_evaluation(self._points, self._points)).T
        bias = torch.zeros(weight.shape[0]) if conv.bias is None else conv.bias.detach().clone()
        self.register_buffer("images", images.float().contiguous())
        self.register_buffer("to_points", to_points.float().contiguous())
        self.register_buffer("from_points", evaluation.T.float().contiguous())
        self.register_buffer("bias", bias)

    def forward(self, x: Tensor) -> Tensor:
        """Сверни `[T, C]`."""
        length, channels = x.shape
        n, d = self._tile, self._dilation
        tiles = -(-length // (n * d))
        blocks = tiles + self._pieces
        padded = F.pad(x, (0, 0, self._reach, blocks * n * d - length - self._reach))
        split = padded.view(blocks, n, d * channels).transpose(0, 1).reshape(n, -1)
        # плитке нужны n своих отсчётов и n - 1 следующей: в строке они дальше на d * C
        image = torch.mm(self.to_points[:, :n], split)
        image[:, : -d * channels].addmm_(self.to_points[:, n:], split[: n - 1, d * channels :])
        image = image.view(self._points, blocks * d, channels)
        total = torch.bmm(image[:, : tiles * d], self.images[0])
        for piece in range(1, self._pieces):
            total.baddbmm_(image[:, piece * d : (piece + tiles) * d], self.images[piece])
        samples = torch.mm(self.from_points, total.view(self._points, -1))
        rows = samples.view(n, tiles, -1).transpose(0, 1).reshape(tiles * n * d, -1)
        return rows[:length] + self.bias
