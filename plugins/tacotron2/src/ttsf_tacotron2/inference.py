"""Синтез: декодер слышит сам себя, шаг за шагом, пока не остановится каждая фраза пакета."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from ttsf_tacotron2.decoder import Decoded, Decoder
from ttsf_tacotron2.dropping import keep_mask
from ttsf_tacotron2.fast_steps import FastSteps, Storage
from ttsf_tacotron2.stopping import Progress, Stopping

__all__ = ["Decoding", "Generators", "PrenetMasks", "Progress", "Stopping"]

Generators = torch.Generator | Sequence[torch.Generator] | None

_MASK_STEPS = 64


class Decoding:
    """Шаги декодера над `memory [B, T_in, E]`; чем кончилась каждая фраза - в `progress`.

    Проходится один раз; звать без autograd.
    """

    def __init__(
        self,
        decoder: Decoder,
        memory: Tensor,
        lengths: Tensor,
        stopping: Stopping,
        *,
        dropout_prenet: float,
        generators: Generators,
        storage: Storage = "fp32",
    ) -> None:
        self._decoder, self._memory = decoder, memory
        self._stepper = FastSteps(decoder, memory, lengths, storage)
        self._masks = PrenetMasks(decoder, len(memory), dropout_prenet, generators, memory)
        self.progress = Progress(stopping, lengths.tolist())

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Отдавай шаг за шагом кадры и логит `[B, n_mels * r + 1]` и внимание `[B, T_in]`."""
        decoder, memory = self._decoder, self._memory
        frame = memory.new_zeros(len(memory), decoder.n_mels * decoder.reduction_factor)
        while any(running := self.progress.running):
            weights = memory.new_empty(memory.shape[:2])
            out = self._stepper.step(decoder.prenet.masked(frame, self._masks.next()), weights)
            self.progress.note(out[:, -1].tolist(), weights.argmax(1).tolist())
            silent = not all(running)
            kept = weights.new_tensor(running).unsqueeze(1) if silent else None
            yield out, weights if kept is None else weights * kept
            frame = out[:, :-1]

    def whole(self) -> Decoded:
        """Пройди все шаги и собери их в пакет."""
        outputs, alignments = zip(*self, strict=True)
        return self._decoder.collect(torch.stack(outputs), torch.stack(alignments))


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
