"""Что голос сказал и насколько этому можно верить."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tts_framework.components import Mel
from ttsf_tacotron2.alignment import coverage, diagonality, monotonicity

if TYPE_CHECKING:
    from ttsf_tacotron2.alignment import Array

_UNFINISHED = 0.5
_FLAGS = {"limit": "stopped by limit", "attention": "stopped by attention"}


@dataclass(frozen=True)
class Sentence:
    """Одно предложение: где оно в мел-спектрограмме и как вело себя внимание.

    `ended` - чем кончилось: `gate` (признак остановки), `attention` (внимание простояло в конце
    текста) или `limit` (предел шагов: сеть не остановилась). `confidence` - от 0 до 1.
    `alignment` `[S, T_in]` - внимание по шагам декодера, float32.
    """

    text: str
    frames: int
    seed: int
    ended: str
    diagonality: float
    coverage: float
    confidence: float
    alignment: NDArray[np.float32] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Speech(Mel):
    """Мел-спектрограмма вместе с отчётом по предложениям."""

    sentences: tuple[Sentence, ...] = ()

    @property
    def confidence(self) -> float:
        """Уверенность худшего предложения."""
        return min((sentence.confidence for sentence in self.sentences), default=0.0)

    @property
    def flags(self) -> tuple[str, ...]:
        """Что пошло не так хотя бы в одном предложении."""
        endings = {sentence.ended for sentence in self.sentences}
        return tuple(flag for end, flag in _FLAGS.items() if end in endings)


def measured(
    alignments: Array, symbols: Array, steps: Array, endings: tuple[str, ...]
) -> list[tuple[float, float, float]]:
    """Верни диагональность, покрытие и уверенность каждой фразы `alignments [B, S, T_in]`.

    Уверенность - покрытие, умноженное на долю шагов, где внимание не прыгало; у фразы, которая не
    остановилась сама, - половина.
    """
    near, seen = diagonality(alignments, symbols, steps), coverage(alignments, symbols, steps)
    calm = (seen * monotonicity(alignments, steps)).tolist()
    sure = [c * (_UNFINISHED if end == "limit" else 1.0) for c, end in zip(calm, endings)]
    return list(zip(near.tolist(), seen.tolist(), sure, strict=True))
