"""Оценка на проверочной выборке; одинакова при любых гиперпараметрах."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from ttsf_fastspeech2.clips import Clips
from ttsf_fastspeech2.layers import lengths_mask
from ttsf_fastspeech2.losses import measure
from ttsf_fastspeech2.network import Batch, Outputs

BATCH = 16
CEPSTRA = 13
_DECIBELS = 10.0 * math.sqrt(2.0) / math.log(10.0)


def evaluate(
    clips: Clips, forward: Callable[[Batch], Outputs], device: torch.device, frame_seconds: float
) -> dict[str, float]:
    """Верни метрики плагина; длительности настоящие, тон и энергия - предсказанные.

    Пачки и веса слагаемых постоянны: иначе trial-ы с разными значениями не сравнить.
    `val_duration_error` - средний модуль ошибки длительности звучащего символа, мс; `val_mcd` -
    дБ по 13 кепстрам мел-спектрограммы, кадр в кадр.
    """
    sums = torch.zeros(6, device=device, dtype=torch.float64)
    weights = torch.zeros_like(sums)
    for batch in clips.in_order(BATCH):
        placed = batch.to(device)
        values, counts = _measure(placed, forward(placed), frame_seconds)
        sums += values * counts
        weights += counts
    mel, duration, pitch, energy, error, mcd = (sums / weights).tolist()
    return {
        "val_loss": mel + duration + pitch + energy,
        "val_mel_loss": mel,
        "val_duration_loss": duration,
        "val_pitch_loss": pitch,
        "val_energy_loss": energy,
        "val_duration_error": error,
        "val_mcd": mcd,
    }


def _measure(batch: Batch, outputs: Outputs, frame_seconds: float) -> tuple[Tensor, Tensor]:
    """Верни значения одной пачки и вес каждого: кадры или символы."""
    losses = measure(outputs, batch)
    heard = lengths_mask(batch.mel_lengths, batch.mels.shape[1])
    said = lengths_mask(batch.text_lengths, batch.text.shape[1]) & (outputs.durations > 0)
    guessed = outputs.predicted.log_durations.expm1().clamp(0.0, 1e4)
    error = ((guessed - outputs.durations).abs() * said).sum() / said.sum() * frame_seconds * 1000
    mel = outputs.mel if outputs.mel_post is None else outputs.mel_post
    mcd = (cepstral_distance(mel, batch.mels) * heard).sum() / heard.sum()
    values = [*losses[:4], error, mcd]
    frames, symbols = heard.sum(), batch.text_lengths.sum()
    counts = [frames, symbols, said.sum(), said.sum(), said.sum(), frames]
    return torch.stack(values).double(), torch.stack(counts).double()


def cepstral_distance(first: Tensor, second: Tensor) -> Tensor:
    """Верни MCD кадров, дБ: `[B, T, n_mels]` (ln амплитуды) -> `[B, T]`; громкость не в счёт."""
    bands = first.shape[2]
    places = torch.arange(bands, device=first.device, dtype=torch.float32) + 0.5
    orders = torch.arange(1, CEPSTRA + 1, device=first.device, dtype=torch.float32)
    basis = torch.cos(math.pi / bands * places.unsqueeze(1) * orders) / bands
    difference = (first.float() - second.float()) @ basis
    return _DECIBELS * (2.0 * difference).square().sum(2).sqrt()
