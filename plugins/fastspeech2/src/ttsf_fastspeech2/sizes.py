"""Размеры сети: опубликованные и меньшие."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Формы слоёв; ядра свёрток нечётны, `hidden_dim` делится на `heads`."""

    hidden_dim: int = 256
    encoder_layers: int = 4
    decoder_layers: int = 4
    heads: int = 2
    filter_dim: int = 1024
    encoder_kernel: int = 9
    decoder_kernel: int = 9
    predictor_dim: int = 256
    predictor_layers: int = 2
    predictor_kernel: int = 3
    aligner_dim: int = 80
    postnet_dim: int = 512
    postnet_kernel: int = 5
    n_mels: int = 80

    def __post_init__(self) -> None:
        for name in ("encoder_kernel", "decoder_kernel", "predictor_kernel", "postnet_kernel"):
            if getattr(self, name) % 2 == 0:
                raise ValueError(f"sizes.{name} {getattr(self, name)} must be odd")
        if self.hidden_dim % (2 * self.heads):
            raise ValueError(
                f"sizes.hidden_dim {self.hidden_dim} must be divisible by 2 * heads"
                f" = {2 * self.heads}"
            )


PRESETS = {
    "base": Sizes(),
    "small": Sizes(
        hidden_dim=128,
        encoder_layers=3,
        decoder_layers=3,
        filter_dim=512,
        encoder_kernel=5,
        decoder_kernel=3,
        predictor_dim=128,
        postnet_dim=128,
    ),
    "tiny": Sizes(
        hidden_dim=64,
        encoder_layers=2,
        decoder_layers=2,
        filter_dim=192,
        encoder_kernel=3,
        decoder_kernel=3,
        predictor_dim=64,
        aligner_dim=32,
        postnet_dim=64,
    ),
}
