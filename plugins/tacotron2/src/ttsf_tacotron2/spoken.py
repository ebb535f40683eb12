"""Что голос сказал и насколько этому можно верить."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tts_framework.components import Mel
from ttsf_tacotron2.alignment import coverage, diagonality, monotonicity

_UNFINISHED = 0.5


@dataclass(frozen=True)
class Sentence:
    """Одно предложение: где оно в мел-спектрограмме и как вело себя внимание.

    `ended` - чем кончилось: `gate` (признак остановки), `attention` (внимание простояло в конце
    текста) или `limit` (предел шагов: сеть не остановилась). `confidence` - от 0 до 1.
    """

    text: str
    frames: int
    seed: int
    ended: str
    diagonality: float
    coverage: float
    confidence: float


@dataclass(frozen=True)
class Speech(Mel):
    """Мел-спектрограмма вместе с отчётом по предложениям."""

    sentences: tuple[Sentence, ...] = ()

    @property
    def confidence(self) -> float:
        """Уверенность худшего предложения."""
        return min((sentence.confidence for sentence in self.sentences), default=0.0)


def measured(
    alignments: Tensor, symbols: Tensor, steps: Tensor, endings: tuple[str, ...]
) -> list[tuple[float, float, float]]:
    """Верни диагональность, покрытие и уверенность каждой фразы `alignments [B, S, T_in]`.

    Уверенность - покрытие, умноженное на долю шагов, где внимание не прыгало; у фразы, которая не
    остановилась сама, - половина.
    """
    near, seen = diagonality(alignments, symbols, steps), coverage(alignments, symbols, steps)
    calm = seen * monotonicity(alignments, steps)
    ended = torch.tensor([_UNFINISHED if end == "limit" else 1.0 for end in endings])
    rows = torch.stack([near, seen, calm * ended.to(calm.device)], 1)
    return [(float(a), float(b), float(c)) for a, b, c in rows.tolist()]
