"""Генератор HiFi-GAN (раздел 2.2 статьи): мел -> звук, имена тензоров эталонные."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ttsf_hifigan.normed import NEGATIVE_SLOPE, NormedConv1d, NormedConvTranspose1d
from ttsf_hifigan.sizes import Sizes


def _same(channels: int, kernel: int, dilation: int) -> NormedConv1d:
    padding = dilation * (kernel - 1) // 2
    return NormedConv1d(channels, channels, kernel, padding=padding, dilation=dilation)


class PairedBlock(nn.Module):
    """ResBlock1: каждая свёртка с растяжением дополнена обычной."""

    def __init__(self, channels: int, kernel: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(_same(channels, kernel, dilation) for dilation in dilations)
        self.convs2 = nn.ModuleList(_same(channels, kernel, 1) for _ in dilations)

    def forward(self, x: Tensor) -> Tensor:
        for first, second in zip(self.convs1, self.convs2, strict=True):
            inner = first(F.leaky_relu(x, NEGATIVE_SLOPE))
            x = second(F.leaky_relu(inner, NEGATIVE_SLOPE)) + x
        return x


class SingleBlock(nn.Module):
    """ResBlock2: по одной свёртке с растяжением."""

    def __init__(self, channels: int, kernel: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.convs = nn.ModuleList(_same(channels, kernel, dilation) for dilation in dilations)

    def forward(self, x: Tensor) -> Tensor:
        for conv in self.convs:
            x = conv(F.leaky_relu(x, NEGATIVE_SLOPE)) + x
        return x


class Generator(nn.Module):
    """`[B, n_mels, T]` -> `[B, 1, T * hop_length]`."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        block = PairedBlock if sizes.resblock == 1 else SingleBlock
        self.conv_pre = NormedConv1d(sizes.n_mels, sizes.channels(0), 7, padding=3)
        self.ups = nn.ModuleList(
            NormedConvTranspose1d(
                sizes.channels(stage),
                sizes.channels(stage + 1),
                kernel,
                stride=rate,
                padding=(kernel - rate) // 2,
            )
            for stage, (rate, kernel) in enumerate(
                zip(sizes.upsample_rates, sizes.upsample_kernel_sizes, strict=True)
            )
        )
        self.resblocks = nn.ModuleList(
            block(sizes.channels(stage + 1), kernel, dilations)
            for stage in range(len(sizes.upsample_rates))
            for kernel, dilations in zip(
                sizes.resblock_kernel_sizes, sizes.resblock_dilation_sizes, strict=True
            )
        )
        self.conv_post = NormedConv1d(sizes.channels(len(sizes.upsample_rates)), 1, 7, padding=3)

    def forward(self, mel: Tensor) -> Tensor:
        x = self.conv_pre(mel)
        kinds = len(self.sizes.resblock_kernel_sizes)
        for stage, up in enumerate(self.ups):
            x = up(F.leaky_relu(x, NEGATIVE_SLOPE))
            blocks = self.resblocks[stage * kinds : (stage + 1) * kinds]
            x = sum(block(x) for block in blocks) / kinds
        # у последнего слоя эталона наклон - по умолчанию torch, а не 0.1
        return torch.tanh(self.conv_post(F.leaky_relu(x)))
