"""DNSMOS P.835 одной записи."""

from __future__ import annotations

import numpy as np

from tts_framework.components import Sound
from tts_framework.errors import DataError
from tts_framework.speech.audio import resample
from tts_framework.speech.checking.dnsmos import MAX_SECONDS, RATE, scorer


def dnsmos(sound: Sound) -> dict[str, float]:
    """Верни оценки 1-5: `ovrl`, `sig`, `bak` (P.835) и `p808`; слушается первая минута.

    Raises:
        DataError: не установлено дополнение `dnsmos`; запись пуста или с NaN.
    """
    samples = sound.samples[: MAX_SECONDS * sound.sampling_rate]
    if samples.ndim != 1 or not len(samples) or not np.isfinite(samples).all():
        raise DataError(f"{sound.tag}: empty, not mono, or with NaN; DNSMOS cannot score it")
    heard = np.clip(resample(samples, sound.sampling_rate, RATE), -1.0, 1.0)
    scores = scorer("dnsmos").run(heard, RATE)
    names = {"ovrl": "ovrl_mos", "sig": "sig_mos", "bak": "bak_mos", "p808": "p808_mos"}
    return {name: float(scores[key]) for name, key in names.items()}
