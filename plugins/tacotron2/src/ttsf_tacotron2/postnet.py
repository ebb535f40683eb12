"""Postnet: поправка к мел-спектрограмме по её окрестности во времени."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ttsf_tacotron2.dropping import dropout
from ttsf_tacotron2.layers import ConvBlock, Padding, silence
from ttsf_tacotron2.sizes import Sizes

POSTNET_DROPOUT = 0.5


class Postnet(nn.Module):
    """Пять свёрток; tanh после всех, кроме последней."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        depth, width = sizes.postnet_n_convolutions, sizes.postnet_embedding_dim
        self._reach = sizes.postnet_reach
        widths = [sizes.n_mels] + [width] * (depth - 1) + [sizes.n_mels]
        self.convolutions = nn.ModuleList(
            ConvBlock(
                widths[i],
                widths[i + 1],
                sizes.postnet_kernel_size,
                gain="tanh" if i + 1 < depth else "linear",
            )
            for i in range(depth)
        )

    @property
    def reach(self) -> int:
        """На сколько кадров в каждую сторону смотрит поправка."""
        return self._reach

    def forward(self, mel: Tensor, lengths: Tensor | None) -> Tensor:
        """`[B, n_mels, T]` -> поправка `[B, n_mels, T]`, нулевая на дополнении.

        None вместо длин - «дополнения нет».
        """
        padding = None if lengths is None else Padding.of(lengths, mel.shape[2])
        x = mel
        for i, block in enumerate(self.convolutions):
            assert isinstance(block, ConvBlock)
            x = block.normalized(x, padding)
            x = torch.tanh(x) if i + 1 < len(self.convolutions) else x
            x = dropout(x, POSTNET_DROPOUT, self.training)
        return silence(x, padding)
