"""Постоянный проверочный пример: картинки с подсказкой и звук, синтезированный без неё."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch

from tts_framework.components import AudioSettings, Picture, Sound
from tts_framework.speech import mels
from tts_framework.training.pictures import curves, heatmap
from ttsf_tacotron2.masking import step_lengths

if TYPE_CHECKING:
    from ttsf_tacotron2.batches import Batch
    from ttsf_tacotron2.network import Outputs, Tacotron2

_GRIFFIN_LIM_ITERATIONS = 20
_SLACK = 1.25


def pictures(batch: Batch, outputs: Outputs) -> Iterator[Picture]:
    """Нарисуй внимание, обе мел-спектрограммы и признак остановки первого клипа пачки."""
    frames = int(batch.mel_lengths[0])
    target = batch.mels[0, :, :frames].float().cpu().numpy()
    predicted = outputs.mel_post[0, :, :frames].float().cpu().numpy()
    low, high = float(target.min()), float(target.max())
    steps = -(-frames // outputs.reduction_factor)
    symbols = int(batch.text_lengths[0])
    alignment = outputs.alignments[0, :steps, :symbols].float().cpu().numpy()
    stop = torch.sigmoid(outputs.gate[0, :steps].float()).cpu().numpy()
    yield Picture("alignment", heatmap(alignment.T, 0.0, max(1e-3, float(alignment.max()))))
    yield Picture("mel_target", heatmap(target, low, high))
    yield Picture("mel_predicted", heatmap(predicted, low, high))
    yield Picture("gate", curves(np.eye(1, steps, steps - 1, dtype=np.float32)[0], stop))


def sound(batch: Batch, network: Tacotron2, audio: AudioSettings, seed: int) -> Sound:
    """Озвучь первую фразу пачки; длина ограничена, потому что юная сеть не останавливается."""
    real = step_lengths(batch.mel_lengths, network.reduction_factor)
    outputs = network.infer(
        batch.text,
        batch.text_lengths,
        max_decoder_steps=int(real[0] * _SLACK) + 1,
        generator=torch.Generator(batch.text.device).manual_seed(seed),
    )
    mel = outputs.mel_post[0, :, : int(outputs.mel_lengths[0])].float().cpu().numpy()
    samples = mels.griffin_lim(mel, audio, iterations=_GRIFFIN_LIM_ITERATIONS, seed=seed)
    return Sound("sample", np.clip(samples, -1.0, 1.0), audio.sampling_rate)
