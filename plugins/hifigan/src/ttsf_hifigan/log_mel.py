"""Логарифмическая mel в torch: то же, что `tts_framework.speech.mels`, но с градиентом."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tts_framework.options import AudioSettings
from tts_framework.speech import mels


class LogMel(nn.Module):
    """Звук `[B, N]` -> mel `[B, n_mels, 1 + N // hop_length]`, в fp32."""

    window: Tensor
    filters: Tensor

    def __init__(self, audio: AudioSettings) -> None:
        super().__init__()
        self._audio = audio
        self.register_buffer("window", torch.from_numpy(mels.window(audio).copy()), False)
        self.register_buffer("filters", torch.from_numpy(mels.mel_filters(audio)), False)

    @classmethod
    def full_band(cls, audio: AudioSettings) -> LogMel:
        """Для потерь: те же настройки, но фильтры до частоты Найквиста."""
        return cls(audio.model_copy(update={"mel_fmax": audio.sampling_rate / 2}))

    def forward(self, samples: Tensor) -> Tensor:
        audio = self._audio
        with torch.autocast(samples.device.type, enabled=False):
            spectrum = torch.stft(
                samples.float(),
                audio.filter_length,
                audio.hop_length,
                audio.filter_length,
                self.window,
                center=True,
                pad_mode="reflect",
                return_complex=True,
            )
            # у модуля нуля нет производной: тишина дала бы NaN
            power = spectrum.real.square() + spectrum.imag.square()
            magnitude = power.clamp_min(1e-18).sqrt()
            return (self.filters @ magnitude).clamp_min(mels.FLOOR).log()
