"""Сеть распознавателя: свёртки прореживают кадры вчетверо, двусторонняя LSTM читает, CTC судит."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from tts_framework.evaluation.recognizer.options import RecognizerOptions

SHRINK = 4
"""Кадров mel на один шаг CTC."""
_FLOOR = 0.1


class Recognizer(nn.Module):
    """Log-mel `[B, n_mels, T]` -> логарифмы вероятностей классов `[B, S, V]`, `S = ceil(T / 4)`."""

    def __init__(self, options: RecognizerOptions, n_mels: int, classes: int) -> None:
        super().__init__()
        channels = options.channels
        self.shrink = nn.ModuleList(
            [_Convolution(n_mels, channels // 2, 2), _Convolution(channels // 2, channels, 2)]
        )
        self.blocks = nn.ModuleList(
            [_Block(channels, options.dropout) for _ in range(options.blocks)]
        )
        widths = [channels, *[2 * options.hidden] * (options.layers - 1)]
        self.readers = nn.ModuleList([_Reader(width, options.hidden) for width in widths])
        self.dropout = nn.Dropout(options.dropout)
        self.classes = nn.Linear(2 * options.hidden, classes)

    def forward(self, mels: Tensor, lengths: Tensor) -> Tensor:
        """Дополнение пачки ни на что не влияет: `lengths [B]` - настоящие кадры, на CPU."""
        hidden = mels * _mask(lengths, mels.shape[2]).to(mels)
        for layer in self.shrink:
            lengths = steps_of(lengths, 2)
            hidden = layer(hidden)
            hidden = hidden * _mask(lengths, hidden.shape[2]).to(hidden)
        mask = _mask(lengths, hidden.shape[2]).to(hidden)
        for block in self.blocks:
            hidden = block(hidden) * mask
        read = hidden.transpose(1, 2)
        backwards = _backwards(lengths, hidden.shape[2]).to(hidden.device)
        for reader in self.readers:
            read = reader(self.dropout(read), backwards)
        logits: Tensor = self.classes(self.dropout(read))
        return logits.log_softmax(2)


class _Convolution(nn.Module):
    """Свёртка с прореживанием кадров."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(inputs, outputs, 5, stride, padding=2, bias=False)
        self.norm = nn.BatchNorm1d(outputs)

    def forward(self, hidden: Tensor) -> Tensor:
        return nn.functional.gelu(self.norm(self.convolution(hidden)))


class _Block(nn.Module):
    """Остаточный блок: свёртка по времени в каждом канале, потом смешение каналов."""

    def __init__(self, channels: int, dropout: float) -> None:
        super().__init__()
        self.time = nn.Conv1d(channels, channels, 11, padding=5, groups=channels, bias=False)
        self.mix = nn.Conv1d(channels, channels, 1, bias=False)
        self.norm = nn.BatchNorm1d(channels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, hidden: Tensor) -> Tensor:
        mixed = nn.functional.gelu(self.norm(self.mix(self.time(hidden))))
        return hidden + self.dropout(mixed)


class _Reader(nn.Module):
    """Двусторонняя LSTM: обратная читает строку, перевёрнутую без дополнения.

    `PackedSequence` делала бы то же, но её обратный проход на CPU втрое дороже.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.onward = nn.LSTM(inputs, hidden, batch_first=True)
        self.back = nn.LSTM(inputs, hidden, batch_first=True)

    def forward(self, read: Tensor, backwards: Tensor) -> Tensor:
        onward, _ = self.onward(read)
        back, _ = self.back(_reordered(read, backwards))
        return torch.cat([onward, _reordered(back, backwards)], 2)


def _backwards(lengths: Tensor, time: int) -> Tensor:
    """Верни `[B, time]`: места шагов строки в обратном порядке, дополнение - на своём месте."""
    steps = torch.arange(time).expand(len(lengths), time)
    last = lengths.unsqueeze(1) - 1
    return torch.where(steps <= last, last - steps, steps)


def _reordered(values: Tensor, places: Tensor) -> Tensor:
    return values.gather(1, places.unsqueeze(2).expand(-1, -1, values.shape[2]))


def steps_of(frames: Tensor, shrink: int = SHRINK) -> Tensor:
    """Верни число шагов CTC для такого числа кадров."""
    return torch.div(frames + shrink - 1, shrink, rounding_mode="floor")


def normalized(mel: Tensor) -> Tensor:
    """Вычти из каждой полосы клипа `[n_mels, T]` её среднее и подели на разброс.

    Так громкость и тембр тракта не отличают синтез от записи.
    """
    mean, deviation = mel.mean(1, keepdim=True), mel.std(1, keepdim=True, correction=0)
    return (mel - mean) / deviation.clamp(min=_FLOOR)


def padded(mels: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Собери mel `[n_mels, T]` разной длины в `[B, n_mels, max T]`; второе - длины `[B]`."""
    lengths = torch.tensor([mel.shape[1] for mel in mels])
    batch = mels[0].new_zeros(len(mels), mels[0].shape[0], int(lengths.max()))
    for row, mel in enumerate(mels):
        batch[row, :, : mel.shape[1]] = mel
    return batch, lengths


def _mask(lengths: Tensor, time: int) -> Tensor:
    """Верни `[B, 1, time]`: настоящие шаги."""
    return (torch.arange(time) < lengths.unsqueeze(1)).unsqueeze(1)
