"""Длинный текст: предложения по одному и их сшивка."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tts_framework.speech.text import is_spoken

_ENDS = re.compile(r"(?<=[.!?…])([\"')»]*)\s+")
_PAUSES = re.compile(r"(?<=[,;:—)])\s+")
_SPACES = re.compile(r"\s+")


def split(text: str, longest: int) -> list[str]:
    """Раздели нормализованный текст на предложения; длиннее `longest` знаков - по паузам, словам.

    Кусок, где произносить нечего, присоединён к предыдущему; пустым список не бывает.
    """
    parts = _pieces(_ENDS, text)
    for finer in (_PAUSES, _SPACES):
        parts = [
            piece
            for part in parts
            for piece in ([part] if len(part) <= longest else _packed(finer, part, longest))
        ]
    joined: list[str] = []
    for part in parts:
        if joined and not is_spoken(part):
            joined[-1] += " " + part
        else:
            joined.append(part)
    return joined or [text]


def join(mels: Sequence[NDArray[np.float32]], overlap: int) -> NDArray[np.float32]:
    """Сшей спектрограммы `[n_mels, T]` с плавным переходом в `overlap` кадров (или меньше)."""
    whole = mels[0]
    for mel in mels[1:]:
        shared = min(overlap, whole.shape[1] // 2, mel.shape[1] // 2)
        fade = (np.arange(shared, dtype=np.float32) + 1) / (shared + 1)
        seam = whole[:, whole.shape[1] - shared :] * (1 - fade) + mel[:, :shared] * fade
        whole = np.concatenate([whole[:, : whole.shape[1] - shared], seam, mel[:, shared:]], 1)
    return whole


def _pieces(border: re.Pattern[str], text: str) -> list[str]:
    marked = border.sub(lambda match: "".join(match.groups("")) + "\n", text)
    return [piece.strip() for piece in marked.split("\n") if piece.strip()]


def _packed(border: re.Pattern[str], text: str, longest: int) -> list[str]:
    """Собери куски обратно, пока они не длиннее `longest`."""
    packed: list[str] = []
    for piece in _pieces(border, text):
        if packed and len(packed[-1]) + 1 + len(piece) <= longest:
            packed[-1] += " " + piece
        else:
            packed.append(piece)
    return packed
