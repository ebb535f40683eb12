"""Мел-спектрограмма, растущая с шагами декодера: кадры отдаются, едва postnet их увидел целиком."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from ttsf_tacotron2.inference import Decoding
from ttsf_tacotron2.network import Tacotron2

FIRST_FRAMES = 8
"""Кадров в первых кусках: от них зависит, как скоро зазвучит голос."""
FRAMES = 32
"""Кадров в следующих: каждый кусок заново считает postnet над соседями."""
_EARLY = 48


class Growing:
    """Одна фраза кусками `[n_mels, t]`; в сумме те же кадры, что за один проход."""

    def __init__(self, network: Tacotron2, decoding: Decoding) -> None:
        self._network, self._decoding = network, decoding
        self._steps: list[Tensor] = []
        self._weights: list[Tensor] = []
        self._given = 0

    @property
    def alignment(self) -> Tensor:
        """Внимание сделанных шагов `[1, S, T_in]`."""
        return torch.stack(self._weights, 1)

    @property
    def known(self) -> int:
        """Сколько кадров уже сказал декодер."""
        return len(self._steps) * self._network.reduction_factor

    @torch.no_grad()
    def pieces(self) -> Iterator[Tensor]:
        """Отдавай кадры, которых будущие уже не изменят; конец фразы - в `rest`."""
        for out, weights in self._decoding:
            self._steps.append(out[0, :-1])
            self._weights.append(weights)
            settled = self.known - self._network.postnet.reach
            if settled - self._given >= (FIRST_FRAMES if self._given < _EARLY else FRAMES):
                yield self._corrected(settled)

    @torch.no_grad()
    def rest(self) -> Tensor:
        """Верни кадры, ждавшие конца фразы."""
        return self._corrected(self.known)

    def _corrected(self, end: int) -> Tensor:
        """Поправь кадры от отданных до `end` вместе с соседями, от которых они зависят."""
        factor = self._network.reduction_factor
        first = max(0, self._given - max(1, self._network.postnet.reach)) // factor
        steps = torch.stack(self._steps[first:])
        mel = steps.reshape(1, -1, self._network.sizes.n_mels).transpose(1, 2).contiguous()
        post = (mel + self._network.postnet(mel, None))[0]
        start, self._given = self._given, end
        return post[:, start - first * factor : end - first * factor]
