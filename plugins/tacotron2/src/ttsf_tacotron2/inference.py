"""Синтез: декодер слышит сам себя, шаг за шагом, пока не остановится каждая фраза пакета."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ttsf_tacotron2.decoder import Decoded, Decoder
from ttsf_tacotron2.dropping import keep_mask
from ttsf_tacotron2.fast_steps import FastSteps, Storage

Generators = torch.Generator | Sequence[torch.Generator] | None

LAST_SYMBOLS = 3
"""Стоя на стольких последних символах, внимание договорило: знак конца, точка, последний звук."""

_MASK_STEPS = 64


@dataclass(frozen=True)
class Stopping:
    """Когда кончать фразу: признак остановки, внимание в конце текста, предел шагов.

    `limits` - предел шагов каждой фразы; `patience` - сколько шагов подряд внимание может стоять
    на последних символах, 0 - сколько угодно.
    """

    limits: Sequence[int]
    gate_threshold: float = 0.5
    patience: int = 0


class Progress:
    """Какие фразы ещё звучат и почему кончились остальные (`gate`, `attention`, `limit`)."""

    def __init__(self, stopping: Stopping, symbols: Sequence[int]) -> None:
        self._stopping, self._last = stopping, [max(0, n - LAST_SYMBOLS) for n in symbols]
        threshold = stopping.gate_threshold
        self._logit = math.log(threshold / (1 - threshold)) if threshold < 1 else math.inf
        self.steps, self._stay = [0] * len(symbols), [0] * len(symbols)
        self.reasons = [""] * len(symbols)

    @property
    def running(self) -> list[bool]:
        """Звучит ли ещё каждая фраза."""
        return [not reason for reason in self.reasons]

    def note(self, gates: Sequence[float], places: Sequence[int]) -> None:
        """Учти шаг: логиты остановки и самый важный символ каждой фразы."""
        for n, (gate, place) in enumerate(zip(gates, places, strict=True)):
            if self.reasons[n]:
                continue
            self.steps[n] += 1
            self._stay[n] = self._stay[n] + 1 if place >= self._last[n] else 0
            if gate > self._logit:
                self.reasons[n] = "gate"
            elif 0 < self._stopping.patience <= self._stay[n]:
                self.reasons[n] = "attention"
            elif self.steps[n] >= self._stopping.limits[n]:
                self.reasons[n] = "limit"


def decode(
    decoder: Decoder,
    memory: Tensor,
    lengths: Tensor,
    stopping: Stopping,
    *,
    dropout_prenet: float,
    generators: Generators,
    storage: Storage = "fp32",
) -> tuple[Decoded, Progress]:
    """`memory [B, T_in, E]` -> выход декодера и то, как кончилась каждая фраза."""
    stepper = FastSteps(decoder, memory, lengths, storage)
    masks = PrenetMasks(decoder, len(memory), dropout_prenet, generators, memory)
    progress = Progress(stopping, lengths.tolist())
    frame = memory.new_zeros(len(memory), decoder.n_mels * decoder.reduction_factor)
    outputs, alignments = [], []
    while any(running := progress.running):
        weights = memory.new_empty(memory.shape[:2])
        out = stepper.step(decoder.prenet.masked(frame, masks.next()), weights)
        outputs.append(out)
        silent = not all(running)
        kept = weights.new_tensor(running).unsqueeze(1) if silent else None
        alignments.append(weights if kept is None else weights * kept)
        frame = out[:, :-1]
        progress.note(out[:, -1].tolist(), weights.argmax(1).tolist())
    return decoder.collect(torch.stack(outputs), torch.stack(alignments)), progress


class PrenetMasks:
    """Маски dropout prenet: у каждой фразы свой генератор, поэтому пачка равна фразам врозь."""

    def __init__(
        self,
        decoder: Decoder,
        batch: int,
        probability: float,
        generators: Generators,
        like: Tensor,
    ) -> None:
        self._probability, self._like = probability, like
        alone = isinstance(generators, Sequence)
        self._shape = (_MASK_STEPS, 2, 1 if alone else batch, decoder.prenet.width)
        self._generators = list(generators) if isinstance(generators, Sequence) else [generators]
        self._left: list[Tensor] = []

    def next(self) -> Tensor | None:
        """Верни маски обоих слоёв следующего шага `[2, B, P]`; None - без dropout."""
        if self._probability <= 0:
            return None
        if not self._left:
            drawn = [
                keep_mask(self._shape, self._probability, self._like, generator)
                for generator in self._generators
            ]
            self._left = list(torch.cat(drawn, 2).unbind(0))[::-1]
        return self._left.pop()
