"""Правка звука одного клипа."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import soundfile

from tts_framework import files
from tts_framework.errors import DataError
from tts_framework.speech.audio import resample, write_wav
from tts_framework.speech.checking.fixes.plan import Plan
from tts_framework.speech.checking.measures import MAX_SAMPLES
from tts_framework.speech.disk import explained


def write(plan: Plan, source: Path, target: Path, rate: int) -> float:
    """Запиши исправленный клип атомарно (нетронутый — копией байт в байт); верни длительность, с.

    Raises:
        DataError: исходный файл изменился или не читается; DiskFull: кончилось место.
    """
    if not plan.actions:
        _copy(source, target)
        return plan.sound.seconds
    samples = _samples(plan, source)
    samples = samples[round(plan.start * plan.sound.rate) : round(plan.end * plan.sound.rate)]
    samples = resample(samples.astype(np.float32), plan.sound.rate, rate)
    peak = float(np.abs(samples).max(initial=0.0))
    if peak > 1:  # сумма смещения и пересчёта частоты: тише, а не срезать вершины
        samples = samples / np.float32(peak)
    write_wav(target, samples, rate)
    return len(samples) / rate


def _samples(plan: Plan, source: Path) -> np.ndarray:
    try:
        with soundfile.SoundFile(str(source)) as file:
            raw = file.read(MAX_SAMPLES // file.channels, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError, OSError) as error:
        raise DataError(f"{source}: changed while it was fixed; run the check again") from error
    mono = raw[:, 0] if raw.shape[1] == 1 else raw.mean(axis=1)
    return mono - np.float32(plan.sound.dc) if "dc" in plan.actions else mono


def _copy(source: Path, target: Path) -> None:
    """Скопируй: жёсткая ссылка дала бы испортить исходный файл через новый."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with files.replacing(target) as temporary:
            shutil.copyfile(source, temporary)
    except OSError as error:
        raise explained(error, target) from error
