"""Меры отчёта: что это, в чём, куда лучше и как сводить по текстам."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tts_framework.speech.evaluation import spectral

RESAMPLES = 2000
CONFIDENCE = 0.95
_Z = 1.96


@dataclass(frozen=True)
class Metric:
    """Одна мера; `better` - какие значения лучше, `digits` - знаков после запятой в таблицах."""

    title: str
    about: str
    unit: str
    better: Literal["lower", "higher", "one"]
    digits: int = 3


METRICS = {  # имя: название, что это, единица, куда лучше, знаков
    "cer": Metric("CER", "errors of the judge, edits over letters", "share", "lower"),
    "mcd_db": Metric(
        "MCD-DTW, dB", f"mel-cepstral distance after DTW ({spectral.RECIPE})", "dB", "lower", 2
    ),
    "log_f0_rmse": Metric(
        "log-F0 RMSE", "RMS error of ln F0 where both are voiced", "ln Hz", "lower"
    ),
    "vuv_error": Metric("V/UV error", "frames voiced in one only", "share", "lower"),
    "duration_ratio": Metric(
        "Duration ratio", "length over that of the recording, no edges", "ratio", "one", 2
    ),
    "dnsmos_ovrl": Metric("DNSMOS overall", "DNSMOS P.835 overall", "1-5", "higher", 2),
    "dnsmos_sig": Metric("DNSMOS signal", "DNSMOS P.835 signal", "1-5", "higher", 2),
    "dnsmos_bak": Metric("DNSMOS background", "DNSMOS P.835 background", "1-5", "higher", 2),
    "diagonality": Metric(
        "Attention diagonality", "attention near the diagonal", "share", "higher", 2
    ),
    "coverage": Metric(
        "Attention coverage", "symbols that the attention noticed", "share", "higher", 2
    ),
    "entropy": Metric("Attention entropy", "spread of the attention", "share", "lower", 2),
    "failures": Metric(
        "Failed texts", "texts that failed: no stop, early stop, skip, repeat", "share", "lower"
    ),
    "rtf": Metric(
        "Real-time factor", "seconds of work over seconds of speech", "ratio", "lower", 2
    ),
}


@dataclass(frozen=True)
class Estimate:
    """Среднее и его доверительный интервал (95%) по `n` текстам."""

    value: float
    low: float
    high: float
    n: int

    def to_json(self) -> dict[str, float | int]:
        """Верни словарь JSON-типов."""
        return {
            "value": round(self.value, 5),
            "low": round(self.low, 5),
            "high": round(self.high, 5),
            "n": self.n,
        }


def ratio(parts: Sequence[float], wholes: Sequence[float], seed: int = 0) -> Estimate | None:
    """Сведи отношение сумм (правки / буквы); интервал - бутстрап по текстам.

    Среднее - то же с `wholes` из единиц. None - сводить нечего.
    """
    above, below = np.asarray(parts, dtype=np.float64), np.asarray(wholes, dtype=np.float64)
    if not len(above) or below.sum() <= 0:
        return None
    value = float(above.sum() / below.sum())
    if len(above) == 1:
        return Estimate(value, value, value, 1)
    drawn = np.random.default_rng(seed).integers(0, len(above), (RESAMPLES, len(above)))
    again = above[drawn].sum(1) / np.maximum(below[drawn].sum(1), 1e-9)
    low, high = np.quantile(again, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Estimate(value, float(low), float(high), len(above))


def mean(values: Sequence[float], seed: int = 0) -> Estimate | None:
    """Сведи среднее."""
    return ratio(values, [1.0] * len(values), seed)


def share(flags: Sequence[bool]) -> Estimate | None:
    """Сведи долю; интервал Уилсона не схлопывается в точку и при нуле срывов."""
    count = len(flags)
    if not count:
        return None
    found, spread = sum(flags) / count, _Z**2 / count
    middle = (found + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * float(np.sqrt(found * (1 - found) / count + spread / count / 4))
    return Estimate(found, max(0.0, middle - half), min(1.0, middle + half), count)


def metric(name: str) -> Metric:
    """Верни меру по имени; у второго и прочих судей она называется `cer_<имя>`."""
    return METRICS["cer" if name.startswith("cer_") else name]
