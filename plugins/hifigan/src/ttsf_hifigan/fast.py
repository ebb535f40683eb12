"""Тот же генератор для процессора: каналы подряд, меньше умножений и проходов по памяти.

Звук идёт через сеть как `[1, C, 1, T]` в раскладке channels_last: свёрткам oneDNN не нужно
перекладывать вход и выход, а узким слоям (8-64 канала) это дороже самого счёта.

Правило выбора свёртки - из замера на AVX2 (README): Toom-Cook окупается длинным ядрам и широким
слоям. Выбор не зависит от времени: один чекпоинт звучит одинаково при каждом запуске.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ttsf_hifigan.generator import Generator, PairedBlock, SingleBlock
from ttsf_hifigan.normed import NEGATIVE_SLOPE
from ttsf_hifigan.toom_cook import ToomCookConv


def tile_for(channels: int, kernel: int) -> int | None:
    """Верни плитку Toom-Cook для слоя такой формы или None, если обычная свёртка быстрее."""
    if kernel >= 9:
        return 4 if channels >= 64 else None
    return {7: 4, 5: 5}.get(kernel) if channels >= 128 else None


class FastGenerator(nn.Module):
    """`[1, n_mels, T]` -> `[1, 1, T * hop_length]`; строится из свёрнутого генератора на CPU."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        sizes = generator.sizes
        self._kinds = len(sizes.resblock_kernel_sizes)
        self.conv_pre = _Rows(generator.conv_pre)
        self.ups = nn.ModuleList(_Rows(up) for up in generator.ups)
        self.conv_post = _Rows(generator.conv_post)
        self.blocks = nn.ModuleList(_fast_block(block) for block in generator.resblocks)
        with torch.no_grad():  # leaky_relu(x / n) = leaky_relu(x) / n: среднее - дело весов
            for layer in [*self.ups[1:], self.conv_post]:
                layer.weight.div_(self._kinds)

    def forward(self, mel: Tensor) -> Tensor:
        x = self.conv_pre(mel.unsqueeze(2).contiguous(memory_format=torch.channels_last))
        for stage, up in enumerate(self.ups):
            x = up(F.leaky_relu_(x, NEGATIVE_SLOPE))
            first, *others = self.blocks[stage * self._kinds : (stage + 1) * self._kinds]
            total = first(x)
            for block in others:
                total += block(x)
            x = total
        return torch.tanh_(self.conv_post(F.leaky_relu_(x))).squeeze(2)


class _Rows(nn.Module):
    """Свёртка вдоль последней оси `[1, C, 1, T]`, повышающая или обычная."""

    weight: Tensor
    bias: Tensor

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        assert isinstance(layer, nn.Conv1d | nn.ConvTranspose1d)
        self._up = isinstance(layer, nn.ConvTranspose1d)
        self._stride, self._dilation = (1, layer.stride[0]), (1, layer.dilation[0])
        self._padding = (0, int(layer.padding[0]))
        weight = layer.weight.detach().unsqueeze(2)
        self.register_buffer("weight", weight.contiguous(memory_format=torch.channels_last))
        self.register_buffer("bias", None if layer.bias is None else layer.bias.detach().clone())

    def forward(self, x: Tensor) -> Tensor:
        if self._up:
            return F.conv_transpose2d(x, self.weight, self.bias, self._stride, self._padding)
        return F.conv2d(x, self.weight, self.bias, 1, self._padding, self._dilation)


class _Tiles(nn.Module):
    """`ToomCookConv` для `[1, C, 1, T]`: в channels_last это и есть `[T, C]`."""

    def __init__(self, layer: nn.Conv1d, tile: int) -> None:
        super().__init__()
        self.conv = ToomCookConv(layer, tile)

    def forward(self, x: Tensor) -> Tensor:
        rows: Tensor = self.conv(x[0, :, 0].T)
        return rows.T[None, :, None]


class _FastPairs(nn.Module):
    def __init__(self, block: PairedBlock) -> None:
        super().__init__()
        self.firsts = nn.ModuleList(_fast(conv) for conv in block.convs1)
        self.seconds = nn.ModuleList(_fast(conv) for conv in block.convs2)

    def forward(self, x: Tensor) -> Tensor:
        for first, second in zip(self.firsts, self.seconds, strict=True):
            inner = first(F.leaky_relu(x, NEGATIVE_SLOPE))
            x = second(F.leaky_relu_(inner, NEGATIVE_SLOPE)).add_(x)
        return x


class _FastSingles(nn.Module):
    def __init__(self, block: SingleBlock) -> None:
        super().__init__()
        self.convs = nn.ModuleList(_fast(conv) for conv in block.convs)

    def forward(self, x: Tensor) -> Tensor:
        for conv in self.convs:
            x = conv(F.leaky_relu(x, NEGATIVE_SLOPE)).add_(x)
        return x


def _fast_block(block: nn.Module) -> nn.Module:
    if isinstance(block, PairedBlock):
        return _FastPairs(block)
    assert isinstance(block, SingleBlock)
    return _FastSingles(block)


def _fast(layer: nn.Module) -> nn.Module:
    assert isinstance(layer, nn.Conv1d)
    tile = tile_for(layer.out_channels, layer.kernel_size[0])
    return _Rows(layer) if tile is None else _Tiles(layer, tile)
