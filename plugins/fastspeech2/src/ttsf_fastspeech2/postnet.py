"""Postnet: пять свёрток, поправка к мел-спектрограмме.

Вместо BatchNorm эталона - LayerNorm по каналам: дополнение пачки не должно менять результат.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ttsf_fastspeech2.layers import Convolution
from ttsf_fastspeech2.sizes import Sizes

_LAYERS = 5


class Postnet(nn.Module):
    """`[B, T, n_mels]` -> поправка той же формы; сперва нулевая."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        widths = [sizes.n_mels] + [sizes.postnet_dim] * (_LAYERS - 1)
        self.layers = nn.ModuleList(
            Convolution(inputs, outputs, sizes.postnet_kernel)
            for inputs, outputs in zip(widths, widths[1:], strict=False)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for width in widths[1:])
        self.output = Convolution(widths[-1], sizes.n_mels, sizes.postnet_kernel)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def forward(self, mel: Tensor, real: Tensor, dropout: float) -> Tensor:
        shown = real.unsqueeze(2)
        values = mel
        for layer, norm in zip(self.layers, self.norms, strict=True):
            values = torch.tanh(norm(layer(values * shown)))
            values = F.dropout(values, dropout, self.training)
        correction: Tensor = self.output(values * shown)
        return correction
