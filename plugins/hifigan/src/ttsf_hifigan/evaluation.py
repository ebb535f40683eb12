"""Оценка на проверочных клипах; одинакова при любых гиперпараметрах."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ttsf_hifigan.clips import Clips
from ttsf_hifigan.distances import ffe_v1, mrstft_v1, periodicity_v1, voicing
from ttsf_hifigan.log_mel import LogMel
from ttsf_hifigan.losses import mel_loss

NAMES = ("val_mrstft_v1", "val_periodicity_v1", "val_ffe_v1", "val_mel_l1")


class Examination:
    """Постоянные проверочные отрезки: не больше `count` клипов, `seconds` от начала каждого."""

    def __init__(self, clips: Clips, count: int, seconds: float) -> None:
        self._clips = clips
        step = max(1, len(clips) // count)
        self._numbers = list(range(0, len(clips), step))[:count]
        audio = clips.audio
        shortest = audio.filter_length // audio.hop_length + 2
        self._limit = max(shortest, int(seconds * audio.sampling_rate / audio.hop_length))

    def clip(self, place: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Верни mel `[1, n_mels, S]` и звук `[1, S * hop]` клипа с этим местом."""
        number = self._numbers[place]
        frames = min(self._limit, self._clips.frames[number] - 1)
        batch = self._clips.batch([(number, 0)], max(1, frames)).to(device)
        return batch.mel, batch.audio[0]

    def evaluate(
        self, forward: Callable[[Tensor], Tensor], log_mel: LogMel, device: torch.device
    ) -> dict[str, float]:
        """Верни средние по клипам и `val_sound_v1` - среднее геометрическое двух первых.

        `val_loss` - то же число: настройки по умолчанию должны судить по звуку, а не по mel L1.
        """
        total = torch.zeros(len(NAMES), device=device)
        for place in range(len(self._numbers)):
            mel, real = self.clip(place, device)
            total += self._measure(real, forward(mel).float().squeeze(1), log_mel)
        values = dict(zip(NAMES, (total / len(self._numbers)).tolist(), strict=True))
        sound = (values["val_mrstft_v1"] * values["val_periodicity_v1"]) ** 0.5
        return {"val_loss": sound, "val_sound_v1": sound, **values}

    def _measure(self, real: Tensor, made: Tensor, log_mel: LogMel) -> Tensor:
        rate = self._clips.audio.sampling_rate
        ours, theirs = voicing(real, rate), voicing(made, rate)
        return torch.stack(
            [
                mrstft_v1(real, made),
                periodicity_v1(ours, theirs),
                ffe_v1(ours, theirs),
                mel_loss(log_mel(real), log_mel(made)),
            ]
        )
