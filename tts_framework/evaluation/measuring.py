"""Расстояния до настоящей речи, естественность и услышанное - с кэшем по отпечаткам звуков."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, TypeVar

from tts_framework.evaluation.judges import Judge
from tts_framework.evaluation.workshop import Recording, Workshop
from tts_framework.speech.evaluation import spectral
from tts_framework.speech.evaluation.naturalness import dnsmos
from tts_framework.speech.evaluation.pitch import pitch_distance

Pair = tuple[Recording, Recording]
Name = TypeVar("Name")

_NEEDS = {
    "distances": ("pyworld", "pip install pyworld-prebuilt"),
    "dnsmos": ("speechmos", "pip install 'tts-framework[dnsmos]'"),
}
VERSION = 1


def missing(what: str) -> str:
    """Скажи, почему измерить нельзя; пусто - можно."""
    package, command = _NEEDS[what]
    return "" if find_spec(package) else f"{package} is not installed; {command}"


def distances(pairs: dict[Name, Pair], workshop: Workshop) -> dict[Name, dict[str, Any]]:
    """Сравни пары (настоящее, проверяемое): `mcd_db`, `log_f0_rmse`, `vuv_error`, ..."""
    jobs = {_key(pair): pair for pair in pairs.values()}
    recipe = {"distances": spectral.RECIPE, "version": VERSION}
    found = workshop.measured("distances", recipe, jobs, _each(_distance))
    return {name: found[_key(pair)] for name, pair in pairs.items()}


def naturalness(
    recordings: dict[Name, Recording], workshop: Workshop
) -> dict[Name, dict[str, float]]:
    """Оцени звуки DNSMOS P.835."""
    jobs = {recording.digest: recording for recording in recordings.values()}
    found = workshop.measured(
        "dnsmos", {"dnsmos": "P.835", "version": VERSION}, jobs, _each(_score)
    )
    return {name: found[recording.digest] for name, recording in recordings.items()}


def heard(recordings: dict[Name, Recording], judge: Judge, workshop: Workshop) -> dict[Name, Any]:
    """Дай судье послушать звуки: `{"heard": ...}` по именам."""
    jobs = {recording.digest: recording for recording in recordings.values()}

    def listen(group: Sequence[Recording]) -> list[Any]:
        return [{"heard": one} for one in judge.hear([recording.sound for recording in group])]

    stage = f"listening, {judge.name}"
    found = workshop.measured(stage, judge.recipe, jobs, listen, judge.batch)
    return {name: found[recording.digest] for name, recording in recordings.items()}


def _each(work: Callable[[Any], Any]) -> Callable[[Sequence[Any]], list[Any]]:
    return lambda jobs: [work(job) for job in jobs]


def _key(pair: Pair) -> str:
    return f"{pair[0].digest}:{pair[1].digest}"


def _distance(pair: Pair) -> dict[str, float | None]:
    reference, spoken = pair[0].sound, pair[1].sound
    spectrum = spectral.mcd_dtw(reference, spoken)
    pitch = pitch_distance(reference, spoken, spectrum.path)
    return {
        "mcd_db": round(spectrum.mcd_db, 4),
        "mcd_length_db": round(spectrum.mcd_length_db, 4),
        "duration_ratio": round(spectrum.duration_ratio, 4),
        "log_f0_rmse": round(pitch.log_f0_rmse, 5) if pitch.log_f0_rmse >= 0 else None,
        "vuv_error": round(pitch.vuv_error, 5),
    }


def _score(recording: Recording) -> dict[str, float]:
    return {f"dnsmos_{name}": round(value, 4) for name, value in dnsmos(recording.sound).items()}
