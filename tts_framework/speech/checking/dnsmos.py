"""DNSMOS P.835 клипов (пакет `speechmos`): медленно, поэтому каждый итог сразу на диске."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from tts_framework.errors import DataError
from tts_framework.speech.audio import resample
from tts_framework.speech.checking.corpus import Clip
from tts_framework.speech.checking.measures import Measures
from tts_framework.speech.checking.measuring import Progress
from tts_framework.speech.corpora import table
from tts_framework.speech.results import Results

RATE = 16000
MAX_SECONDS = 60


def score_all(
    folder: Path, clips: Sequence[Clip], cache: Path, progress: Progress
) -> dict[str, float]:
    """Верни общую оценку (OVRL, 1-5) читаемых клипов; ключ кэша — отсчёты, а не имя.

    Raises:
        DataError: не установлен `speechmos` или то, что ему нужно.
    """
    dnsmos = scorer("--dnsmos")
    found: dict[str, float] = {}
    audible = [(c, c.sound) for c in clips if isinstance(c.sound, Measures) and c.sound.peak > 0]
    with Results(cache / "dnsmos.jsonl", {"dnsmos": "P.835 OVRL, speechmos"}) as results:
        for done, (clip, sound) in enumerate(audible, start=1):
            if sound.digest not in results:
                score = dnsmos.run(_samples(table.wav(folder, clip.row.id)), RATE)
                results.add(sound.digest, round(float(score["ovrl_mos"]), 3))
            value = results[sound.digest]
            if isinstance(value, int | float):
                found[clip.row.id] = float(value)
            progress(done, len(audible), "DNSMOS")
    return found


def scorer(what: str) -> Any:
    """Верни модуль `speechmos.dnsmos`; `what` - кто его просит, с этого начнётся ошибка.

    Raises:
        DataError: не установлен `speechmos` или то, что ему нужно.
    """
    try:
        from speechmos import dnsmos
    except ImportError as error:
        raise DataError(
            f"{what}: {error.name or 'speechmos'} is not installed;"
            " run pip install 'tts-framework[dnsmos]'"
        ) from error
    return dnsmos


def _samples(path: Path) -> np.ndarray:
    """Верни начало клипа: моно, 16 кГц, в [-1, 1]."""
    with soundfile.SoundFile(str(path)) as file:
        raw = file.read(MAX_SECONDS * file.samplerate, dtype="float32", always_2d=True)
        mono = np.nan_to_num(raw.mean(axis=1))
        return np.clip(resample(mono, file.samplerate, RATE), -1.0, 1.0)
