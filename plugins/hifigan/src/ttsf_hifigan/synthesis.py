"""Синтез на torch: свёрнутый генератор, целиком или кусками с теми же отсчётами."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from ttsf_hifigan.chunks import FIRST_FRAMES, LONGEST_FRAMES, Chunks
from ttsf_hifigan.fast import FastGenerator
from ttsf_hifigan.generator import Generator
from ttsf_hifigan.normed import fold

__all__ = ["FIRST_FRAMES", "LONGEST_FRAMES", "Synthesizer"]


class Synthesizer(Chunks):
    """Сворачивает весовую нормировку генератора и считает им куски."""

    def __init__(self, generator: Generator, device: torch.device) -> None:
        fold(generator)
        super().__init__(
            generator.sizes.hop_length, generator.sizes.receptive_frames, self._samples
        )
        self._device = device
        network = FastGenerator(generator) if device.type == "cpu" else generator
        self._network: nn.Module = network.eval().requires_grad_(False).to(device)

    @torch.inference_mode()
    def _samples(self, mel: np.ndarray) -> np.ndarray:
        piece = torch.from_numpy(mel).unsqueeze(0).to(self._device)
        return np.asarray(self._network(piece)[0, 0].float().cpu().numpy())
