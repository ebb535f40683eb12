"""Потери: считаются в fp32 и только по настоящим кадрам, шагам и символам."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ttsf_tacotron2.masking import lengths_mask, step_lengths

if TYPE_CHECKING:
    from ttsf_tacotron2.network import Outputs


class Losses(NamedTuple):
    """Слагаемые потерь, каждое - скаляр fp32."""

    mel: Tensor
    mel_post: Tensor
    gate: Tensor

    @property
    def total(self) -> Tensor:
        """Сумма, которую минимизирует обучение."""
        return self.mel + self.mel_post + self.gate


def tacotron_loss(
    outputs: Outputs, mels: Tensor, mel_lengths: Tensor, *, gate_positive_weight: float = 1.0
) -> Losses:
    """MSE до и после postnet и BCE признака остановки, средние по настоящим кадрам и шагам.

    `mels [B, n_mels, T_mel]`; выходы сети могут быть длиннее - до кратности r.
    """
    with torch.autocast(mels.device.type, enabled=False):
        time = outputs.mel.shape[2]
        target = F.pad(mels.float(), (0, time - mels.shape[2]))
        real = lengths_mask(mel_lengths, time).unsqueeze(1)
        return Losses(
            _masked_mse(outputs.mel, target, real),
            _masked_mse(outputs.mel_post, target, real),
            _gate_loss(outputs.gate, mel_lengths, time, gate_positive_weight),
        )


def _masked_mse(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    """Средний квадрат ошибки по настоящим кадрам: `[B, n_mels, T]`, `real [B, 1, T]`."""
    error = (predicted.float() - target) * real
    return error.square().sum() / (real.sum() * target.shape[1])


def _gate_loss(gate: Tensor, mel_lengths: Tensor, time: int, positive_weight: float) -> Tensor:
    """BCE: единица на последнем настоящем шаге, нули до него, после - ничего; `gate [B, S]`."""
    steps = gate.shape[1]
    count = step_lengths(mel_lengths, time // steps)
    positions = torch.arange(steps, device=gate.device)
    target = (positions.unsqueeze(0) == (count - 1).unsqueeze(1)).float()
    real = lengths_mask(count, steps)
    weight = torch.as_tensor(positive_weight, dtype=torch.float32, device=gate.device)
    losses = F.binary_cross_entropy_with_logits(
        gate.float(), target, weight=real.float(), pos_weight=weight, reduction="sum"
    )
    return losses / real.sum()
