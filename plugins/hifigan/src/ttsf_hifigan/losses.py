"""Потери HiFi-GAN (раздел 2.4 статьи), всегда в fp32."""

from __future__ import annotations

import torch
from torch import Tensor


def discriminator_loss(real: list[Tensor], made: list[Tensor]) -> Tensor:
    """LSGAN: настоящему - единица, созданному - ноль; сумма по дискриминаторам."""
    terms = [
        (1 - ours.float()).square().mean() + theirs.float().square().mean()
        for ours, theirs in zip(real, made, strict=True)
    ]
    return torch.stack(terms).sum()


def adversarial_loss(made: list[Tensor]) -> Tensor:
    """LSGAN генератора: созданное должно сойти за настоящее."""
    return torch.stack([(1 - score.float()).square().mean() for score in made]).sum()


def feature_loss(real: list[list[Tensor]], made: list[list[Tensor]]) -> Tensor:
    """Сходство признаков: сумма по слоям среднего модуля разности; вес добавляет вызывающий."""
    terms = [
        (ours.float() - theirs.float()).abs().mean()
        for real_layers, made_layers in zip(real, made, strict=True)
        for ours, theirs in zip(real_layers, made_layers, strict=True)
    ]
    return torch.stack(terms).sum()


def mel_loss(real: Tensor, made: Tensor) -> Tensor:
    """L1 логарифмических mel."""
    return (real - made).abs().mean()
