"""Размеры генератора: опубликованные V1, V2, V3 и те же сети для других шагов окна."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

Dilations = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Sizes:
    """Формы слоёв; `resblock` 1 - пары свёрток, 2 - одиночные."""

    resblock: int
    upsample_rates: tuple[int, ...]
    upsample_kernel_sizes: tuple[int, ...]
    upsample_initial_channel: int
    resblock_kernel_sizes: tuple[int, ...]
    resblock_dilation_sizes: Dilations
    n_mels: int = 80

    def __post_init__(self) -> None:
        if self.resblock not in (1, 2):
            raise ValueError(f"resblock must be 1 or 2, got {self.resblock}")
        if not self.upsample_rates or len(self.upsample_rates) != len(self.upsample_kernel_sizes):
            raise ValueError(
                f"upsample_rates {list(self.upsample_rates)} and upsample_kernel_sizes"
                f" {list(self.upsample_kernel_sizes)} must be equally long and not empty"
            )
        for rate, kernel in zip(self.upsample_rates, self.upsample_kernel_sizes, strict=True):
            if rate < 1 or kernel < rate or (kernel - rate) % 2:
                raise ValueError(
                    f"upsample kernel {kernel} must be at least its rate {rate} and differ from it"
                    " by an even number"
                )
        if not self.resblock_kernel_sizes or len(self.resblock_kernel_sizes) != len(
            self.resblock_dilation_sizes
        ):
            raise ValueError(
                f"resblock_kernel_sizes {list(self.resblock_kernel_sizes)} and"
                " resblock_dilation_sizes must be equally long and not empty"
            )
        if any(kernel < 1 or kernel % 2 == 0 for kernel in self.resblock_kernel_sizes):
            raise ValueError(
                f"resblock_kernel_sizes must be odd, got {list(self.resblock_kernel_sizes)}"
            )
        if any(dilation < 1 for row in self.resblock_dilation_sizes for dilation in row):
            raise ValueError("resblock_dilation_sizes must be at least 1")
        if self.upsample_initial_channel % 2 ** len(self.upsample_rates):
            raise ValueError(
                f"upsample_initial_channel {self.upsample_initial_channel} must be divisible by"
                f" {2 ** len(self.upsample_rates)} (it is halved at every upsampling)"
            )

    @property
    def hop_length(self) -> int:
        """Верни, сколько отсчётов выходит из одного кадра."""
        return prod(self.upsample_rates)

    def channels(self, stage: int) -> int:
        """Верни ширину после `stage` повышений частоты."""
        return self.upsample_initial_channel // 2**stage

    @property
    def receptive_frames(self) -> int:
        """Верни, на сколько кадров в каждую сторону отсчёт зависит от mel."""
        rate, reach = 1, 3.0  # conv_pre
        pairs = zip(self.upsample_rates, self.upsample_kernel_sizes, strict=True)
        for up, kernel in pairs:
            reach += (kernel + up) / (2 * up) / rate
            rate *= up
            reach += max(map(self._block_reach, *self._blocks)) / rate
        return int(reach + 3 / rate) + 1

    @property
    def _blocks(self) -> tuple[tuple[int, ...], Dilations]:
        return self.resblock_kernel_sizes, self.resblock_dilation_sizes

    def _block_reach(self, kernel: int, dilations: tuple[int, ...]) -> int:
        second = len(dilations) if self.resblock == 1 else 0
        return (kernel - 1) // 2 * (sum(dilations) + second)


_TRIPLES: Dilations = ((1, 3, 5), (1, 3, 5), (1, 3, 5))
PRESETS: dict[str, Sizes] = {
    "v1": Sizes(1, (8, 8, 2, 2), (16, 16, 4, 4), 512, (3, 7, 11), _TRIPLES),
    "v2": Sizes(1, (8, 8, 2, 2), (16, 16, 4, 4), 128, (3, 7, 11), _TRIPLES),
    "v3": Sizes(2, (8, 8, 4), (16, 16, 8), 256, (3, 5, 7), ((1, 2), (2, 6), (3, 12))),
}
_RATES = {  # шаг окна -> ступени: на 256 - опубликованные, на 200 (12.5 мс при 16 кГц) - наши
    200: {4: ((5, 5, 4, 2), (11, 11, 8, 4)), 3: ((8, 5, 5), (16, 11, 11))},
    256: {4: ((8, 8, 2, 2), (16, 16, 4, 4)), 3: ((8, 8, 4), (16, 16, 8))},
    300: {4: ((5, 5, 4, 3), (11, 11, 8, 7)), 3: ((10, 6, 5), (20, 12, 11))},
}


def preset_for(name: str, hop_length: int, n_mels: int) -> Sizes:
    """Верни опубликованную сеть, ступени которой подходят к шагу окна (если мы его знаем)."""
    sizes = replace(PRESETS[name], n_mels=n_mels)
    known = _RATES.get(hop_length)
    if known is None:
        return sizes
    rates, kernels = known[len(sizes.upsample_rates)]
    return replace(sizes, upsample_rates=rates, upsample_kernel_sizes=kernels)


def require_hop(sizes: Sizes, hop_length: int) -> None:
    """Потребуй, чтобы произведение ступеней было шагом окна.

    Raises:
        ValueError: названы ступени, их произведение и что задать.
    """
    if sizes.hop_length != hop_length:
        shown = " x ".join(map(str, sizes.upsample_rates))
        raise ValueError(
            f"upsample_rates: {shown} = {sizes.hop_length}, but data.audio.hop_length is"
            f" {hop_length}; set model.sizes.upsample_rates (and upsample_kernel_sizes) with the"
            f" product {hop_length}, or data.audio.hop_length: {sizes.hop_length}"
        )
