"""Все строки - в один файл."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tts_framework.errors import TTSFError
from tts_framework.synthesis.speaking import Ready, Report, Speaking, silent
from tts_framework.synthesis.writing import pcm, require_known, write


def require_writable(out: Path) -> None:
    """Откажи до синтеза, а не после него.

    Raises:
        TTSFError: суффикс незнаком или сюда нельзя писать.
    """
    require_known(out.suffix, f"--out {out}")
    folder = next(parent for parent in out.absolute().parents if parent.exists())
    if out.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise TTSFError(f"--out {out}: cannot be written; give a file in a writable folder")


def to_file(
    speaking: Speaking, lines: Sequence[Ready], out: Path, progress: Report = silent
) -> float:
    """Скажи строки через паузы и запиши файл; верни длину, секунд.

    Прерванное по Ctrl-C не пропадает: сказанное остаётся рядом, в `NAME.part.wav`.

    Raises:
        DiskFull: кончилось место; DataError: строку нельзя сказать. Прежний файл цел.
    """
    pieces: list[np.ndarray] = []
    before, total = len(speaking.rows), sum(len(ready.phrases) for ready in lines)
    try:
        for number, ready in enumerate(lines):
            if number:
                pieces.append(pcm(speaking.pause()))
            for samples in speaking.say(ready):
                pieces.append(pcm(samples))
                progress(len(speaking.rows) - before, total, "speaking")
    except KeyboardInterrupt:
        if pieces:
            part = out.with_name(f"{out.stem}.part{out.suffix}")
            write(part, pieces, speaking.sampling_rate)
            speaking.warn(f"interrupted; what was said is in {part}")
        raise
    write(out, pieces, speaking.sampling_rate)
    return sum(map(len, pieces)) / speaking.sampling_rate
