"""Как сеть говорит сама: несколько проверочных фраз без подсказки при каждой оценке.

`val_loss` считается с подсказкой и не видит, что без неё внимание срывается, а речь не кончается.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from tts_framework.components import AudioSettings, Mel
from tts_framework.speech.evaluation.attention import attention_scores
from tts_framework.speech.evaluation.failures import free_running_failures
from tts_framework.speech.evaluation.spectral import mel_mcd_dtw
from ttsf_tacotron2.batches import Clips
from ttsf_tacotron2.masking import step_lengths
from ttsf_tacotron2.metrics import FREE_RUNNING
from ttsf_tacotron2.network import Outputs, Tacotron2
from ttsf_tacotron2.options import Tacotron2Options

LONGEST_SECONDS = 10.0
SLACK = 1.5
"""Во сколько раз дольше настоящей может быть фраза; дальше считается, что она не кончилась."""
MARGIN = 10


@dataclass(frozen=True)
class Phrase:
    """Одна сказанная фраза: внимание `[S, T_in]`, mel `[n_mels, T]` и кончилась ли она сама."""

    alignment: NDArray[np.float32]
    mel: NDArray[np.float32]
    stopped: bool


class FreeRunning:
    """Постоянные фразы выборки, не больше `count`: через равные доли ряда по длине.

    Клипы длиннее `LONGEST_SECONDS` не участвуют (если есть другие), чтобы оценка была недолгой.
    """

    def __init__(self, clips: Clips, count: int, audio: AudioSettings) -> None:
        self._audio = audio
        longest = LONGEST_SECONDS * audio.sampling_rate / audio.hop_length
        order = sorted(range(len(clips)), key=lambda number: (clips.frames[number], number))
        short = [number for number in order if clips.frames[number] <= longest] or order[:1]
        count = min(count, len(short))
        numbers = [short[(2 * n + 1) * len(short) // (2 * count)] for n in range(count)]
        self._batch = clips.batch(numbers) if numbers else None

    def evaluate(
        self, network: Tacotron2, config: Tacotron2Options, device: torch.device
    ) -> dict[str, float]:
        """Верни средние по фразам `FREE_RUNNING`; нет фраз - пусто, сеть разошлась - NaN."""
        if self._batch is None:
            return {}
        phrases = self.speak(network, config, device)
        rows = [
            self._measure(phrase, mel[:, :frames].numpy(), network.reduction_factor)
            for phrase, mel, frames in zip(
                phrases, self._batch.mels, self._batch.mel_lengths.tolist(), strict=True
            )
        ]
        return dict(zip(FREE_RUNNING, np.mean(rows, axis=0).tolist(), strict=True))

    def speak(
        self, network: Tacotron2, config: Tacotron2Options, device: torch.device
    ) -> list[Phrase]:
        """Скажи все фразы одной пачкой, каждую со своим постоянным зерном."""
        if self._batch is None:
            return []
        batch, reduction_factor = self._batch.to(device), network.reduction_factor
        real = step_lengths(self._batch.mel_lengths, reduction_factor).tolist()
        outputs = network.infer(
            batch.text,
            batch.text_lengths,
            max_decoder_steps=[self._limit(steps, config) for steps in real],
            gate_threshold=config.gate_threshold,
            patience=-(-config.attention_patience // reduction_factor),
            generator=[torch.Generator(device).manual_seed(n) for n in range(len(real))],
        )
        return _phrases(outputs, self._batch.text_lengths.tolist())

    @staticmethod
    def _limit(real: int, config: Tacotron2Options) -> int:
        return min(int(real * SLACK) + MARGIN, config.max_decoder_steps)

    def _measure(
        self, phrase: Phrase, real: NDArray[np.float32], reduction_factor: int
    ) -> list[float]:
        if not (np.isfinite(phrase.mel).all() and np.isfinite(phrase.alignment).all()):
            return [float("nan")] * len(FREE_RUNNING)
        seconds = reduction_factor * self._audio.hop_length / self._audio.sampling_rate
        failures = free_running_failures(phrase.alignment, phrase.stopped, step_seconds=seconds)
        scores = attention_scores(phrase.alignment)
        distance = mel_mcd_dtw(Mel(real, self._audio), Mel(phrase.mel, self._audio))
        return [
            float(bool(failures)),
            scores.diagonality,
            scores.coverage,
            scores.entropy,
            distance.mcd_db,
        ]


def _phrases(outputs: Outputs, symbols: list[int]) -> list[Phrase]:
    frames = outputs.mel_lengths.tolist()
    alignments = outputs.alignments.float().cpu().numpy()
    mels, endings = outputs.mel_post.float().cpu().numpy(), outputs.endings or ()
    return [
        Phrase(
            alignments[n, : count // outputs.reduction_factor, :width],
            mels[n, :, :count],
            endings[n] != "limit",
        )
        for n, (count, width) in enumerate(zip(frames, symbols, strict=True))
    ]
