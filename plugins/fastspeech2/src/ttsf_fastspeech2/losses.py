"""Потери: считаются в fp32 и только по настоящим кадрам и символам."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ttsf_fastspeech2.aligner import binarization_loss, forward_sum_loss
from ttsf_fastspeech2.layers import full, lengths_mask
from ttsf_fastspeech2.network import Batch, Outputs
from ttsf_fastspeech2.options import FastSpeech2Options


class Losses(NamedTuple):
    """Слагаемые потерь, каждое - скаляр fp32; `mel` - с postnet - сумма до и после него."""

    mel: Tensor
    duration: Tensor
    pitch: Tensor
    energy: Tensor
    alignment: Tensor
    binarization: Tensor

    def total(self, config: FastSpeech2Options, iteration: int) -> Tensor:
        """Верни взвешенную сумму, которую минимизирует обучение на этой итерации."""
        weights = (
            1.0,
            config.duration_weight,
            config.pitch_weight,
            config.energy_weight,
            config.alignment_weight,
            config.binarization_at(iteration),
        )
        return torch.stack(
            [weight * term for weight, term in zip(weights, self, strict=True)]
        ).sum()


def measure(outputs: Outputs, batch: Batch) -> Losses:
    """L1 мел-спектрограммы и MSE длительностей, тона и энергии; соответствие - если оно учится.

    Тон и энергия сравниваются у символов, которые звучат хотя бы кадр.
    """
    with torch.autocast(batch.mels.device.type, enabled=False):
        heard = lengths_mask(batch.mel_lengths, batch.mels.shape[1]).unsqueeze(2)
        known = lengths_mask(batch.text_lengths, batch.text.shape[1])
        said = known & (outputs.durations > 0)
        mel = mel_distance(outputs.mel, batch.mels, heard)
        if outputs.mel_post is not None:
            mel = mel + mel_distance(outputs.mel_post, batch.mels, heard)
        predicted, target = outputs.predicted, outputs.target
        none = mel.new_zeros(())
        alignment, binarization = none, none
        if outputs.alignment is not None:
            log_probs = outputs.alignment.log_probs
            alignment = forward_sum_loss(log_probs, batch.mel_lengths, batch.text_lengths)
            binarization = binarization_loss(outputs.alignment, outputs.owner, batch.mel_lengths)
        return Losses(
            mel,
            _mean_square(predicted.log_durations - target.log_durations, known),
            _mean_square(predicted.pitch - target.pitch, said),
            _mean_square(predicted.energy - target.energy, said),
            alignment,
            binarization,
        )


def mel_distance(predicted: Tensor, target: Tensor, heard: Tensor) -> Tensor:
    """Средний модуль ошибки `[B, T, n_mels]` по настоящим кадрам `heard [B, T, 1]`."""
    error = (full(predicted) - target).abs() * heard
    return error.sum() / (heard.sum() * target.shape[2])


def _mean_square(error: Tensor, real: Tensor) -> Tensor:
    return (full(error).square() * real).sum() / real.sum().clamp(min=1)
