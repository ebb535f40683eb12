"""Синтез: свёрнутый генератор, целиком или кусками с теми же отсчётами."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from ttsf_hifigan.fast import FastGenerator
from ttsf_hifigan.generator import Generator
from ttsf_hifigan.normed import fold

FIRST_FRAMES = 32
LONGEST_FRAMES = 512


class Synthesizer:
    """Превращает mel `[n_mels, T]` в `(T - 1) * hop` отсчётов.

    Кадр `t` отвечает за отсчёты `[t * hop, (t + 1) * hop)`; за последним кадром у записи нет целого
    блока (`T = 1 + N // hop`), поэтому он служит только соседом. Столько же отдаёт и
    `speech.mels.griffin_lim`.
    """

    def __init__(self, generator: Generator, device: torch.device) -> None:
        fold(generator)
        self._hop = generator.sizes.hop_length
        self._reach = generator.sizes.receptive_frames
        self._device = device
        network = FastGenerator(generator) if device.type == "cpu" else generator
        self._network: nn.Module = network.eval().requires_grad_(False).to(device)

    def whole(self, mel: np.ndarray) -> np.ndarray:
        """Верни весь звук float32 `[(T - 1) * hop]`."""
        return np.concatenate([np.zeros(0, np.float32), *self.stream(mel, LONGEST_FRAMES)])

    def stream(self, mel: np.ndarray, first_frames: int = FIRST_FRAMES) -> Iterator[np.ndarray]:
        """Отдавай звук по мере готовности; первый кусок короткий, следующие вдвое длиннее.

        Каждый кусок считается вместе с соседями, от которых зависит, поэтому отсчёты те же.
        """
        frames = np.ascontiguousarray(mel, dtype=np.float32)
        start, size, last = 0, max(1, first_frames), frames.shape[1] - 1
        while start < last:
            end = min(start + size, last)
            yield self._chunk(frames, start, end)
            start, size = end, min(2 * size, max(first_frames, LONGEST_FRAMES))

    @torch.inference_mode()
    def _chunk(self, mel: np.ndarray, start: int, end: int) -> np.ndarray:
        left = max(0, start - self._reach)
        piece = torch.from_numpy(mel[:, left : end + self._reach]).unsqueeze(0).to(self._device)
        samples = self._network(piece)[0, 0, (start - left) * self._hop : (end - left) * self._hop]
        return np.asarray(samples.float().cpu().numpy())
