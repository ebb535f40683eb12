"""Размеры сети: всё, что меняет форму тензоров, и ничего другого."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Ширины и ядра слоёв; значения по умолчанию - опубликованные (28 193 153 параметра)."""

    n_mels: int = 80
    symbols_embedding_dim: int = 512
    encoder_embedding_dim: int = 512
    encoder_n_convolutions: int = 3
    encoder_kernel_size: int = 5
    attention_rnn_dim: int = 1024
    decoder_rnn_dim: int = 1024
    prenet_dim: int = 256
    attention_dim: int = 128
    attention_location_n_filters: int = 32
    attention_location_kernel_size: int = 31
    postnet_embedding_dim: int = 512
    postnet_kernel_size: int = 5
    postnet_n_convolutions: int = 5

    def __post_init__(self) -> None:
        for name in (
            "encoder_kernel_size",
            "attention_location_kernel_size",
            "postnet_kernel_size",
        ):
            if getattr(self, name) % 2 == 0:
                raise ValueError(f"{name} must be odd, got {getattr(self, name)}")
        if self.encoder_embedding_dim % 2:
            raise ValueError(
                f"encoder_embedding_dim must be even, got {self.encoder_embedding_dim}"
            )
        if self.symbols_embedding_dim != self.encoder_embedding_dim:
            raise ValueError(
                "symbols_embedding_dim must equal encoder_embedding_dim, got "
                f"{self.symbols_embedding_dim} and {self.encoder_embedding_dim}"
            )

    @property
    def postnet_reach(self) -> int:
        """На сколько кадров в каждую сторону смотрит postnet."""
        return self.postnet_n_convolutions * (self.postnet_kernel_size // 2)


PRESETS: dict[str, Sizes] = {
    "full": Sizes(),
    "small": Sizes(
        symbols_embedding_dim=128,
        encoder_embedding_dim=128,
        attention_rnn_dim=256,
        decoder_rnn_dim=256,
        prenet_dim=64,
        postnet_embedding_dim=128,
    ),
    "tiny": Sizes(
        symbols_embedding_dim=64,
        encoder_embedding_dim=64,
        attention_rnn_dim=128,
        decoder_rnn_dim=128,
        prenet_dim=32,
        attention_dim=64,
        attention_location_n_filters=16,
        attention_location_kernel_size=15,
        postnet_embedding_dim=64,
    ),
}
