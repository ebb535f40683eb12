"""Соответствие текста и речи, которое учится само (Badlani и др., 2021, arXiv 2108.10447)."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tts_framework.speech.phones.monotonic import best_durations
from ttsf_fastspeech2.layers import Convolution, full, lengths_mask
from ttsf_fastspeech2.sizes import Sizes

_TEMPERATURE = 0.05
"""В сто раз больше, чем в статье: там обучение долгое, а с 0.0005 расстояния начинают значить лишь
через сотни шагов. На 160 клипах ru-nsh за 240 шагов граница символа ошибается на 2.3 кадра, не 4.5.
"""
_BLANK = -1.0
_NEVER = -1e4


class Alignment(NamedTuple):
    """`log_probs [B, T, N]` - чей это кадр; `durations [B, N]` - самый вероятный путь."""

    log_probs: Tensor
    durations: Tensor


class Aligner(nn.Module):
    """Сравнивает символы и кадры в общем пространстве; чем ближе, тем вероятнее пара."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        hidden, width, n_mels = sizes.hidden_dim, sizes.aligner_dim, sizes.n_mels
        self.keys = nn.ModuleList(
            [Convolution(hidden, 2 * hidden, 3), Convolution(2 * hidden, width, 1)]
        )
        self.queries = nn.ModuleList(
            [
                Convolution(n_mels, 2 * n_mels, 3),
                Convolution(2 * n_mels, n_mels, 1),
                Convolution(n_mels, width, 1),
            ]
        )

    def forward(
        self, text: Tensor, text_lengths: Tensor, mels: Tensor, mel_lengths: Tensor
    ) -> Alignment:
        """`text [B, N, C]` и нормированные `mels [B, T, n_mels]` -> соответствие."""
        known = lengths_mask(text_lengths, text.shape[1])
        heard = lengths_mask(mel_lengths, mels.shape[1])
        keys = _through(self.keys, text, known.unsqueeze(2))
        queries = _through(self.queries, mels, heard.unsqueeze(2))
        with torch.autocast(text.device.type, enabled=False):
            scores = -_TEMPERATURE * _squared_distances(full(queries), full(keys))
            scores = scores.masked_fill(~known.unsqueeze(1), _NEVER)
            prior = beta_binomial(mel_lengths, text_lengths).to(scores)
            log_probs = torch.log_softmax(scores.log_softmax(2) + prior, 2)
        return Alignment(log_probs, hard(log_probs, mel_lengths, text_lengths))


def hard(log_probs: Tensor, mel_lengths: Tensor, text_lengths: Tensor) -> Tensor:
    """Верни длительности самого вероятного монотонного пути `[B, N]`."""
    found = best_durations(
        log_probs.detach().cpu().numpy(), mel_lengths.cpu().numpy(), text_lengths.cpu().numpy()
    )
    return torch.from_numpy(found).to(log_probs.device)


def forward_sum_loss(log_probs: Tensor, mel_lengths: Tensor, text_lengths: Tensor) -> Tensor:
    """Минус логарифм вероятности прочесть весь текст по порядку, на кадр, средний по клипам.

    Это CTC, где каждый символ встречается однажды, а пропуск почти не вероятен.
    """
    blank = torch.full_like(log_probs[:, :, :1], _BLANK)
    classes = torch.cat([blank, log_probs], 2)
    symbols = torch.arange(classes.shape[2], device=classes.device)
    unknown = symbols > text_lengths.unsqueeze(1)
    classes = classes.masked_fill(unknown.unsqueeze(1), _NEVER).log_softmax(2)
    targets = symbols[1:].expand(len(classes), -1)
    losses = F.ctc_loss(
        classes.transpose(0, 1), targets, mel_lengths, text_lengths, reduction="none"
    )
    return (losses / mel_lengths).mean()


def binarization_loss(alignment: Alignment, owner: Tensor, mel_lengths: Tensor) -> Tensor:
    """Минус логарифм вероятности жёсткого пути, средний по кадрам; `owner [B, T]`."""
    chosen = alignment.log_probs.gather(2, owner.unsqueeze(2)).squeeze(2)
    heard = lengths_mask(mel_lengths, chosen.shape[1])
    return -(chosen * heard).sum() / heard.sum()


def beta_binomial(mel_lengths: Tensor, text_lengths: Tensor) -> Tensor:
    """Верни логарифм диагонального априорного `[B, T, N]`; за краями - ноль."""
    frames, symbols = mel_lengths.tolist(), text_lengths.tolist()
    table = np.zeros((len(frames), max(frames), max(symbols)), dtype=np.float32)
    for row, (time, width) in enumerate(zip(frames, symbols, strict=True)):
        table[row, :time, :width] = _prior(time, width)
    return torch.from_numpy(table)


@lru_cache(maxsize=4096)
def _prior(frames: int, symbols: int) -> np.ndarray:
    """Бета-биномиальное распределение символа при данном кадре `[frames, symbols]`, логарифм."""
    log_gamma = np.array([math.lgamma(n) for n in range(1, frames + symbols + 2)])  # ln n!
    chosen = np.arange(symbols)
    first = np.arange(1, frames + 1)[:, None]
    second = frames + 1 - first
    last = symbols - 1
    ways = log_gamma[last] - log_gamma[chosen] - log_gamma[last - chosen]
    beta = (
        log_gamma[chosen + first - 1]
        + log_gamma[last - chosen + second - 1]
        - log_gamma[last + first + second - 1]
    )
    whole = log_gamma[first - 1] + log_gamma[second - 1] - log_gamma[first + second - 1]
    return (ways + beta - whole).astype(np.float32)


def _through(layers: nn.ModuleList, values: Tensor, shown: Tensor) -> Tensor:
    for number, layer in enumerate(layers):
        values = layer((torch.relu(values) if number else values) * shown)
    return values


def _squared_distances(first: Tensor, second: Tensor) -> Tensor:
    """`[B, T, C]` и `[B, N, C]` -> `[B, T, N]`."""
    squares = first.square().sum(2, keepdim=True) + second.square().sum(2).unsqueeze(1)
    return squares - 2 * torch.bmm(first, second.mT)
