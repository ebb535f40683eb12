"""Искажения обучения: темп и SpecAugment (Park et al., 2019, arXiv 1904.08779)."""

from __future__ import annotations

import torch
from torch import Tensor

TEMPO = 0.1
BAND_MASKS, WIDEST_BAND = 2, 0.2
TIME_MASKS_PER_SECOND, LONGEST_MASK, MOST_MASKED = 0.5, 40, 0.04


def augmented(mel: Tensor) -> Tensor:
    """Верни искажённую нормированную mel `[n_mels, T']`; случайность - из общего генератора."""
    return masked(stretched(mel, 1 + TEMPO * (2 * float(torch.rand(())) - 1)))


def stretched(mel: Tensor, factor: float) -> Tensor:
    """Растяни mel по времени в `factor` раз."""
    length = max(1, round(mel.shape[1] * factor))
    return torch.nn.functional.interpolate(
        mel.unsqueeze(0), size=length, mode="linear", align_corners=False
    )[0]


def masked(mel: Tensor) -> Tensor:
    """Закрой нулями (средним) несколько полос и отрезков времени."""
    bands, frames = mel.shape
    mel = mel.clone()
    for _ in range(BAND_MASKS):
        start, end = _span(bands, WIDEST_BAND * bands)
        mel[start:end] = 0
    longest = min(LONGEST_MASK, MOST_MASKED * frames)
    for _ in range(max(1, round(frames / 100 * TIME_MASKS_PER_SECOND))):
        start, end = _span(frames, longest)
        mel[:, start:end] = 0
    return mel


def _span(size: int, widest: float) -> tuple[int, int]:
    width = int(torch.rand(()) * (widest + 1))
    start = int(torch.rand(()) * (size - width + 1))
    return start, start + width
