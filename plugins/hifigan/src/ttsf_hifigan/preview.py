"""Постоянный проверочный клип для журнала: звук и mel, настоящие и созданные."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from torch import Tensor

from tts_framework.components import AudioSettings, Picture, Sound
from tts_framework.training.pictures import heatmap
from ttsf_hifigan.log_mel import LogMel


def shown(
    real: Tensor, made: Tensor, log_mel: LogMel, audio: AudioSettings
) -> Iterator[Picture | Sound]:
    """Отдай mel до частоты Найквиста и звук `[1, N]`; рядом - модуль их разности."""
    target, predicted = (log_mel(sound)[0].cpu().numpy() for sound in (real, made))
    low, high = float(target.min()), float(target.max())
    yield Picture("mel_target", heatmap(target, low, high))
    yield Picture("mel_predicted", heatmap(predicted, low, high))
    yield Picture("mel_error", heatmap(np.abs(target - predicted), 0.0, 3.0))
    for tag, sound in (("target", real), ("sample", made)):
        samples = np.clip(sound[0].cpu().numpy(), -1.0, 1.0)
        yield Sound(tag, samples, audio.sampling_rate)
