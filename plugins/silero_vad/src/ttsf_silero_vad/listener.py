"""Состояние детектора, слушающего одну запись."""

from __future__ import annotations

import numpy as np

from ttsf_silero_vad import weights
from ttsf_silero_vad.network import Decoder, Encoder


class Listener:
    """Считает вероятности по мере чтения и копит их: одно число на 32 мс."""

    def __init__(self) -> None:
        tensors = weights.load()
        self._encode = Encoder(tensors)
        self._decode = Decoder(tensors)
        self._found: list[np.ndarray] = []

    def feed(self, samples: np.ndarray) -> None:
        """Прими float32 [N], `N` кратно 512."""
        if len(samples):
            self._found.append(self._decode(self._encode(samples)))

    def probabilities(self) -> np.ndarray:
        """Верни вероятности принятых кадров: float32 [кадров]."""
        return np.concatenate([np.zeros(0, np.float32), *self._found])
