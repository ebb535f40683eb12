"""Классы по шагам -> услышанное."""

from __future__ import annotations

import torch
from torch import Tensor

from tts_framework.evaluation.recognizer.alphabet import BLANK, words


def greedy(log_probs: Tensor, steps: Tensor) -> list[list[int]]:
    """Возьми лучший класс каждого шага `[B, S, V]`, сожми повторы и убери пропуски и края."""
    best = log_probs.argmax(2).cpu()
    return [_collapsed(best[row, : int(count)]) for row, count in enumerate(steps)]


def _collapsed(best: Tensor) -> list[int]:
    return words(number for number in torch.unique_consecutive(best).tolist() if number != BLANK)
