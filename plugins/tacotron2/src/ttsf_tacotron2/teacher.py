"""Пересказ записей с подсказкой: mel, на которых доучивают вокодер."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from tts_framework.components import Teacher
from tts_framework.errors import CheckpointError, DataError
from ttsf_tacotron2.voice import Tacotron2Voice


class Tacotron2Teacher(Teacher):
    """Сеть голоса, которой на каждом шаге подсказывают настоящую mel.

    Из dropout работает только prenet, как при синтезе: вокодер учится на том, что услышит потом.
    """

    def __init__(self, path: Path, device: str = "cpu") -> None:
        self._path = path
        voice = Tacotron2Voice(path, device)
        self.audio, self.frontend = voice.audio, voice.frontend
        self._network, self._device = voice.network, voice.device

    @torch.inference_mode()
    def __call__(
        self, texts: Sequence[str], mels: Sequence[np.ndarray], *, seed: int = 0
    ) -> list[np.ndarray]:
        """Перескажи пачку: кадр `t` предсказан по кадрам до своего шага и стоит там же.

        Последний шаг декодера может выйти за конец записи (`reduction_factor` > 1): лишнее срезано.

        Raises:
            DataError: в тексте незнакомый символ или mel не той формы;
            CheckpointError: сеть выдала NaN.
        """
        codes = [self.frontend.encode(text) for text in texts]
        frames = [self._frames(mel) for mel in mels]
        text = torch.zeros(len(codes), max(map(len, codes)), dtype=torch.int64)
        heard = torch.zeros(len(mels), self.audio.n_mel_channels, max(frames))
        for row, (code, mel) in enumerate(zip(codes, mels, strict=True)):
            text[row, : len(code)] = torch.tensor(code)
            heard[row, :, : mel.shape[1]] = torch.from_numpy(np.array(mel, dtype=np.float32))
        said = self._retold(text, [len(code) for code in codes], heard, frames, seed)
        retold = [mel[:, :count] for mel, count in zip(said, frames, strict=True)]
        if not all(np.isfinite(mel).all() for mel in retold):
            raise CheckpointError(
                f"{self._path}: the model has diverged; use an earlier checkpoint"
            )
        return retold

    def _retold(
        self,
        text: torch.Tensor,
        symbols: list[int],
        heard: torch.Tensor,
        frames: list[int],
        seed: int,
    ) -> np.ndarray:
        device = self._device
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(seed % 2**63)
            outputs = self._network(
                text.to(device),
                torch.tensor(symbols, device=device),
                heard.to(device),
                torch.tensor(frames, device=device),
            )
        return np.asarray(outputs.mel_post.float().cpu().numpy())

    def _frames(self, mel: np.ndarray) -> int:
        if mel.ndim != 2 or mel.shape[0] != self.audio.n_mel_channels or not mel.shape[1]:
            raise DataError(
                f"mel: shape {list(mel.shape)}, expected [{self.audio.n_mel_channels}, T]"
            )
        return int(mel.shape[1])
