"""Предсказатели длительности, тона и энергии (FastSpeech 2, 2.3)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ttsf_fastspeech2.layers import Convolution, full
from ttsf_fastspeech2.sizes import Sizes


class Predictor(nn.Module):
    """Свёртки с ReLU, нормировкой и dropout, затем число на символ."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        widths = [sizes.hidden_dim] + [sizes.predictor_dim] * sizes.predictor_layers
        self.layers = nn.ModuleList(
            Convolution(inputs, outputs, sizes.predictor_kernel)
            for inputs, outputs in zip(widths, widths[1:], strict=False)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for width in widths[1:])
        self.output = nn.Linear(widths[-1], 1)

    def forward(self, values: Tensor, real: Tensor, dropout: float) -> Tensor:
        """`values [B, N, C]`, `real [B, N]` -> `[B, N]`; у заполнителя - ноль."""
        shown = real.unsqueeze(2)
        for layer, norm in zip(self.layers, self.norms, strict=True):
            values = norm(torch.relu(layer(values * shown)))
            values = F.dropout(values, dropout, self.training)
        predicted: Tensor = full(self.output(values).squeeze(2))
        return predicted * real
