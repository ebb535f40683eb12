"""Дискриминаторы HiFi-GAN (раздел 2.3 статьи): по периодам и по масштабам."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ttsf_hifigan.normed import NEGATIVE_SLOPE, NormedConv2d, conv1d

Judged = tuple[list[Tensor], list[list[Tensor]]]
"""Оценки каждого дискриминатора `[B, N]` и признаки каждого его слоя."""

_PERIOD_CHANNELS = (32, 128, 512, 1024, 1024)
_SCALE_LAYERS = (  # каналы, ядро, шаг, группы
    (128, 15, 1, 1),
    (128, 41, 2, 4),
    (256, 41, 2, 16),
    (512, 41, 4, 16),
    (1024, 41, 4, 16),
    (1024, 41, 1, 16),
    (1024, 5, 1, 1),
)


class PeriodDiscriminator(nn.Module):
    """Смотрит на звук, сложенный в строки длиной `period`."""

    def __init__(self, period: int, width: float = 1.0) -> None:
        super().__init__()
        self.period = period
        channels = [1, *(_narrowed(count, width) for count in _PERIOD_CHANNELS)]
        strides = (3, 3, 3, 3, 1)
        self.convs = nn.ModuleList(
            NormedConv2d(before, after, (5, 1), (stride, 1), padding=(2, 0))
            for before, after, stride in zip(channels, channels[1:], strides, strict=False)
        )
        self.conv_post = NormedConv2d(channels[-1], 1, (3, 1), 1, padding=(1, 0))

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        batch, one, length = x.shape
        missing = -length % self.period
        if missing:
            x = F.pad(x, (0, missing), "reflect")
        x = x.view(batch, one, (length + missing) // self.period, self.period)
        features = []
        for conv in self.convs:
            x = F.leaky_relu(conv(x), NEGATIVE_SLOPE)
            features.append(x)
        x = self.conv_post(x)
        return x.flatten(1), [*features, x]


class ScaleDiscriminator(nn.Module):
    """Смотрит на звук целиком свёртками с группами."""

    def __init__(self, *, spectral: bool, width: float = 1.0) -> None:
        super().__init__()
        before, layers = 1, []
        for count, kernel, stride, groups in _SCALE_LAYERS:
            after = _narrowed(count, width)
            layers.append(
                conv1d(
                    spectral,
                    before,
                    after,
                    kernel,
                    stride,
                    groups=min(groups, before),
                    padding=kernel // 2,
                )
            )
            before = after
        self.convs = nn.ModuleList(layers)
        self.conv_post = conv1d(spectral, before, 1, 3, 1, padding=1)

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        features = []
        for conv in self.convs:
            x = F.leaky_relu(conv(x), NEGATIVE_SLOPE)
            features.append(x)
        x = self.conv_post(x)
        return x.flatten(1), [*features, x]


class MultiPeriodDiscriminator(nn.Module):
    """MPD: по дискриминатору на период."""

    def __init__(self, periods: tuple[int, ...] = (2, 3, 5, 7, 11), width: float = 1.0) -> None:
        super().__init__()
        self.discriminators = nn.ModuleList(
            PeriodDiscriminator(period, width) for period in periods
        )

    def forward(self, x: Tensor) -> Judged:
        results = [discriminator(x) for discriminator in self.discriminators]
        return [score for score, _ in results], [features for _, features in results]


class MultiScaleDiscriminator(nn.Module):
    """MSD: звук как есть (спектральная нормировка), вдвое и вчетверо реже (весовая)."""

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        self.discriminators = nn.ModuleList(
            ScaleDiscriminator(spectral=number == 0, width=width) for number in range(3)
        )

    def forward(self, x: Tensor) -> Judged:
        scores, features = [], []
        for number, discriminator in enumerate(self.discriminators):
            if number:
                x = F.avg_pool1d(x, 4, 2, padding=2)
            score, layers = discriminator(x)
            scores.append(score)
            features.append(layers)
        return scores, features


def judge_pair(discriminator: nn.Module, real: Tensor, made: Tensor) -> tuple[Judged, Judged]:
    """Оцени настоящий и созданный звук `[B, 1, N]` одним проходом."""
    count = len(real)
    scores, features = discriminator(torch.cat([real, made]))
    return (
        ([score[:count] for score in scores], [[x[:count] for x in row] for row in features]),
        ([score[count:] for score in scores], [[x[count:] for x in row] for row in features]),
    )


def _narrowed(channels: int, width: float) -> int:
    """Сузь слой, оставив число каналов кратным 16 (группам)."""
    return max(16, round(channels * width / 16) * 16)
