"""Картинки и звук постоянного проверочного клипа."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from tts_framework.components import AudioSettings, Picture, Sound
from tts_framework.speech import mels
from tts_framework.training.pictures import curves, heatmap
from ttsf_fastspeech2.network import Batch, Outputs, Speech

_GRIFFIN_LIM_ITERATIONS = 20


def shown(
    batch: Batch, outputs: Outputs, spoken: Speech, audio: AudioSettings
) -> Iterator[Picture | Sound]:
    """Нарисуй первый клип пачки: мел (настоящая, с подсказкой, без), тон, соответствие; озвучь."""
    target = batch.mels[0, : int(batch.mel_lengths[0])].float().cpu().numpy().T
    post = outputs.mel if outputs.mel_post is None else outputs.mel_post
    guided = post[0, : target.shape[1]].float().cpu().numpy().T
    free = spoken.mel[0, : int(spoken.mel_lengths[0])].float().cpu().numpy().T
    low, high = float(target.min()), float(target.max())
    yield Picture("mel_target", heatmap(target, low, high))
    yield Picture("mel_predicted", heatmap(guided, low, high))
    yield Picture("mel_free", heatmap(free, low, high))
    symbols = int(batch.text_lengths[0])
    pitch = torch.stack([outputs.target.pitch[0, :symbols], outputs.predicted.pitch[0, :symbols]])
    real, own = ((pitch.float() + 3.0) / 6.0).cpu().numpy()  # от -3 до 3 разбросов
    yield Picture("pitch", curves(real, own))
    if outputs.alignment is not None:
        soft = outputs.alignment.log_probs[0, : target.shape[1], :symbols].exp()
        yield Picture("alignment", heatmap(soft.float().cpu().numpy().T, 0.0, 1.0))
    samples = mels.griffin_lim(free, audio, iterations=_GRIFFIN_LIM_ITERATIONS, seed=0)
    yield Sound("sample", np.clip(samples, -1.0, 1.0), audio.sampling_rate)
