"""Гистограмма как встроенный SVG: числа только наши, чужого текста в ней нет."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

WIDTH, HEIGHT, BASE = 360, 150, 118
BINS = 36
TICKS = 5
FARTHEST = 12.0
"""Дальше стольких робастных сигм ось не тянется: один выброс сплющил бы остальное."""


@dataclass(frozen=True)
class Bar:
    """Столбец: место и размер в единицах viewBox, подпись для подсказки."""

    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True)
class Tick:
    """Подпись оси."""

    x: float
    text: str
    anchor: str


@dataclass(frozen=True)
class Histogram:
    """Всё, что нужно шаблону для одной гистограммы; `limit_x` — место порога."""

    name: str
    summary: str
    bars: list[Bar]
    ticks: list[Tick]
    limit_x: float | None
    limit: str


def histogram(name: str, values: np.ndarray, limit: float | None = None) -> Histogram | None:
    """Разложи значения по столбцам; порог рисуется, когда он в пределах оси."""
    if not len(values):
        return None
    low, high = _range(values)
    if limit is not None and values.min() < limit:
        low = min(low, max(float(values.min()), limit - (high - limit) / 4))
    beyond = int(np.sum((values < low) | (values > high)))
    if high - low < 1e-6:
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(
        np.clip(values, low, high), bins=min(BINS, max(8, len(values))), range=(low, high)
    )
    tallest = int(counts.max())
    step = WIDTH / len(counts)
    bars = [
        Bar(
            round(i * step + 0.5, 2),
            round(BASE - count / tallest * (BASE - 8), 2),
            round(step - 1, 2),
            round(count / tallest * (BASE - 8), 2),
            f"{edges[i]:.3g} to {edges[i + 1]:.3g}: {count} clip{'s' if count != 1 else ''}",
        )
        for i, count in enumerate(counts)
        if count
    ]
    inside = limit is not None and low <= limit <= high
    outside = f"; {beyond} beyond the axis" if beyond else ""
    return Histogram(
        name,
        f"median {np.median(values):.3g}, from {values.min():.3g} to {values.max():.3g}{outside}",
        bars,
        _ticks(low, high),
        round((limit - low) / (high - low) * WIDTH, 2) if limit is not None and inside else None,
        f"limit {limit:g}" if limit is not None else "",
    )


def _range(values: np.ndarray) -> tuple[float, float]:
    median = float(np.median(values))
    reach = FARTHEST * 1.4826 * float(np.median(np.abs(values - median)))
    low, high = float(values.min()), float(values.max())
    return (max(low, median - reach), min(high, median + reach)) if reach > 0 else (low, high)


def _ticks(low: float, high: float) -> list[Tick]:
    raw = (high - low) / TICKS
    magnitude = 10 ** np.floor(np.log10(raw))
    step = next(m * magnitude for m in (1, 2, 5, 10) if m * magnitude >= raw)
    places = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step + 0.0
    ticks = []
    for value in places:
        x = float((value - low) / (high - low) * WIDTH)
        anchor = "start" if x < 12 else "end" if x > WIDTH - 12 else "middle"
        ticks.append(Tick(round(x, 2), f"{value:.10g}", anchor))
    return ticks
