"""Измерения отсчётов: плоские вершины, уровни кадров, границы речи, шум, громкость, отпечаток."""

from __future__ import annotations

import warnings

import numpy as np

FRAME_SECONDS = 0.010
WINDOW_SECONDS = 0.025
BELOW_SPEECH = 45.0
"""На сколько дБ тише громкой речи кончается речь (слабые согласные ещё громче)."""
ABOVE_NOISE = 8.0
CORE = 25.0
"""Громче этого (дБ под громкой речью) лежит то, чего не сдвинут ни шум, ни вдох, ни щелчок."""
QUIETEST = -120.0
GATE_SECONDS = 0.4
BANDS = (100, 300, 600, 1000, 1700, 2600, 3800)
SLOTS = 24
FLAT_PEAK = 0.25
FLAT_RUN = 3


def flat_tops(samples: np.ndarray) -> int:
    """Сосчитай отсчёты плоских вершин [N, channels]: три и больше подряд у самого пика."""
    return sum(_flat_tops(channel) for channel in samples.T)


def _flat_tops(samples: np.ndarray) -> int:
    count = 0
    for signed in (samples, -samples):
        peak = float(signed.max(initial=0.0))
        if peak < FLAT_PEAK:
            continue
        at_peak = np.flatnonzero(signed >= peak * (1 - 1e-4))
        breaks = np.flatnonzero(np.diff(at_peak) > 1)
        edges = np.concatenate(([0], breaks + 1, [len(at_peak)]))
        runs = np.diff(edges)
        count += int(runs[runs >= FLAT_RUN].sum())
    return count


def frame_levels(samples: np.ndarray, rate: int) -> np.ndarray:
    """Верни уровень каждого кадра в 10 мс, дБ полной шкалы [T]."""
    size = max(1, round(rate * FRAME_SECONDS))
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    power = np.einsum("tn,tn->t", frames, frames) / size
    return np.maximum(10 * np.log10(power + 1e-12), QUIETEST)


def speech_bounds(levels: np.ndarray) -> tuple[int, int] | None:
    """Верни первый и последний+1 кадр речи или None, если её нет."""
    if len(levels) < 3:
        return None
    loud, floor = np.percentile(levels, (95, 5))
    return _bounds(levels > max(loud - BELOW_SPEECH, min(floor + ABOVE_NOISE, loud - 12)))


def core_bounds(levels: np.ndarray) -> tuple[int, int] | None:
    """Верни границы громкой части речи: по ним сравнивают записи с разным шумом и краями."""
    return _bounds(levels > np.percentile(levels, 95) - CORE) if len(levels) >= 3 else None


def _bounds(active: np.ndarray) -> tuple[int, int] | None:
    """Верни первый и последний+1 кадр; щелчок короче трёх кадров не в счёт."""
    steady = np.flatnonzero(active[:-2] & active[1:-1] & active[2:])
    return (int(steady[0]), int(steady[-1]) + 3) if len(steady) else None


def signal_to_noise(levels: np.ndarray) -> float | None:
    """Оцени отношение речи к шуму пауз, дБ; без пауз оценка занижена, поэтому порог низкий."""
    if len(levels) < 20:
        return None
    noise = 10 ** (np.percentile(levels, 5) / 10)
    loud = levels[levels > np.percentile(levels, 95) - 20]
    speech = float(np.mean(10 ** (loud / 10)))
    return float(10 * np.log10(max(speech - noise, 1e-12) / noise))


def loudness(samples: np.ndarray, rate: int) -> float | None:
    """Верни громкость по BS.1770, LUFS; None для тишины и клипа короче 0,1 с."""
    import pyloudnorm

    seconds = len(samples) / rate
    if seconds < 0.1:
        return None
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        meter = pyloudnorm.Meter(rate, block_size=min(GATE_SECONDS, seconds * 0.99))
        found = float(meter.integrated_loudness(samples))
    return found if np.isfinite(found) else None


def shape(samples: np.ndarray, rate: int) -> bytes:
    """Верни отпечаток речи: int8 [24 * 6], не зависящий от громкости, частоты и обрезки краёв.

    Корни энергии шести полос до 3,8 кГц, растянутые на 24 отрезка, без среднего каждой полосы.
    """
    hop, size = round(rate * FRAME_SECONDS), round(rate * WINDOW_SECONDS)
    if len(samples) < size + SLOTS * hop:
        return b""
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[::hop]
    spectrum = np.fft.rfft(frames * np.hanning(size).astype(np.float32), axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    bins = np.minimum(np.round(np.array(BANDS) * size / rate).astype(int), power.shape[1] - 1)
    bands = np.add.reduceat(power, bins, axis=1)[:, :-1] ** 0.25
    starts = np.arange(SLOTS) * len(bands) // SLOTS
    slots = np.add.reduceat(bands, starts, axis=0) / np.diff([*starts, len(bands)])[:, None]
    slots = slots - slots.mean(axis=0)
    largest = float(np.abs(slots).max())
    return np.round(slots * (127 / largest)).astype(np.int8).tobytes() if largest > 0 else b""
