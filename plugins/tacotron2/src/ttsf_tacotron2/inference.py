"""Синтез: декодер слышит сам себя, шаг за шагом, пока не остановится каждая фраза пакета."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ttsf_tacotron2.decoder import Decoded, Decoder
from ttsf_tacotron2.dropping import keep_mask
from ttsf_tacotron2.fast_steps import FastSteps, Storage
from ttsf_tacotron2.stopping import Progress, Stopping

__all__ = ["Generators", "PrenetMasks", "Progress", "Stopping", "decode"]

Generators = torch.Generator | Sequence[torch.Generator] | None

_MASK_STEPS = 64


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
