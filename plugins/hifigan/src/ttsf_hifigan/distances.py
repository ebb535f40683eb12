"""Расстояния между настоящим и созданным звуком, по которым судят вокодер.

Рецепты и их версии - часть имён: одноимённые числа чужих статей с ними не сравнимы.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

_RESOLUTIONS = ((512, 50, 240), (1024, 120, 600), (2048, 240, 1200))
_STFT_FLOOR = 1e-5
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 500.0
_FRAME_SECONDS, _HOP_SECONDS = 0.025, 0.010
_VOICED = 0.6
_GROSS = 0.2
_QUIET = 1e-3
_SHORT_LAG_BONUS = 0.1


class Voicing(NamedTuple):
    """По кадрам `[B, T]`: периодичность в [0, 1], F0 в Гц, голос ли это."""

    periodicity: Tensor
    f0: Tensor
    voiced: Tensor


def mrstft_v1(real: Tensor, made: Tensor) -> Tensor:
    """Расстояние STFT трёх разрешений (Yamamoto и др., 2020): сходимость плюс L1 логарифмов.

    Звук `[B, N]`; окна 240, 600 и 1200 отсчётов при любой частоте дискретизации.
    """
    total = real.new_zeros(())
    for size, hop, window in _RESOLUTIONS:
        ours, theirs = _magnitude(real, size, hop, window), _magnitude(made, size, hop, window)
        convergence = (ours - theirs).norm() / ours.norm().clamp_min(_STFT_FLOOR)
        logs = ours.clamp_min(_STFT_FLOOR).log() - theirs.clamp_min(_STFT_FLOOR).log()
        total = total + convergence + logs.abs().mean()
    return total / len(_RESOLUTIONS)


def voicing(samples: Tensor, sampling_rate: int) -> Voicing:
    """Оцени периодичность и F0 нормированной взаимной корреляцией (Talkin, 1995); `[B, N]`."""
    width = int(_FRAME_SECONDS * sampling_rate)
    low = int(sampling_rate / _HIGHEST_HZ)
    high = int(sampling_rate / _LOWEST_HZ)
    padded = F.pad(samples, (0, max(0, width + high - samples.shape[-1])))
    frames = padded.unfold(-1, width + high, int(_HOP_SECONDS * sampling_rate))
    frames = frames - frames.mean(-1, keepdim=True)
    size = 1 << (2 * width + high - 1).bit_length()
    head = torch.fft.rfft(frames[..., :width], size)
    correlation = torch.fft.irfft(torch.fft.rfft(frames, size) * head.conj(), size)
    energy = F.pad(frames.square().cumsum(-1), (1, 0))
    windows = energy[..., width:] - energy[..., : high + 1]  # энергия окна с каждой задержкой
    floor = width * _QUIET**2
    scale = ((windows[..., :1] + floor) * (windows + floor)).sqrt()
    nccf = (correlation[..., : high + 1] / scale)[..., low:]
    lags = torch.arange(low, high + 1, device=samples.device)
    best = (nccf * (1 - _SHORT_LAG_BONUS * lags / high)).argmax(-1)
    periodicity = nccf.gather(-1, best.unsqueeze(-1)).squeeze(-1).clamp(0, 1)
    return Voicing(periodicity, sampling_rate / lags[best], periodicity > _VOICED)


def periodicity_v1(real: Voicing, made: Voicing) -> Tensor:
    """СКО периодичности (Morrison и др., 2022): слышно как дрожь и металлический призвук."""
    return (real.periodicity - made.periodicity).square().mean().sqrt()


def ffe_v1(real: Voicing, made: Voicing) -> Tensor:
    """Доля кадров, где голос потерян, выдуман или F0 ошибся на 20% и больше (Chu, Alwan, 2009)."""
    gross = (made.f0 / real.f0 - 1).abs() > _GROSS
    wrong = (real.voiced != made.voiced) | (real.voiced & made.voiced & gross)
    return wrong.float().mean()


def _magnitude(samples: Tensor, size: int, hop: int, window: int) -> Tensor:
    shape = torch.hann_window(window, device=samples.device)
    spectrum = torch.stft(
        samples, size, hop, window, shape, pad_mode="reflect", return_complex=True
    )
    return spectrum.abs()
