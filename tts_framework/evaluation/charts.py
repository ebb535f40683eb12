"""Мера по строкам отчёта: точка и доверительный интервал на общей оси, встроенный SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tts_framework.evaluation.metrics import Estimate, metric

LEFT, RIGHT, STEP, TOP = 92, 340, 22, 14


@dataclass(frozen=True)
class Mark:
    """Одна строка графика; числа - координаты viewBox."""

    row: str
    x: float
    low: float
    high: float
    y: float
    value: str


@dataclass(frozen=True)
class Chart:
    """Всё, что нужно шаблону."""

    name: str
    about: str
    marks: tuple[Mark, ...]
    height: int
    start: str
    end: str


def chart(name: str, about: str, measured: Sequence[tuple[str, Estimate]]) -> Chart:
    """Разложи оценки строк по оси от наименьшей границы до наибольшей."""
    low = min(estimate.low for _, estimate in measured)
    high = max(estimate.high for _, estimate in measured)
    low = 0.0 if 0 <= low < high / 3 else low
    span = max(high - low, 1e-9)
    digits = metric(name).digits

    def place(value: float) -> float:
        return round(LEFT + (value - low) / span * (RIGHT - LEFT), 1)

    marks = tuple(
        Mark(
            row,
            place(one.value),
            place(one.low),
            place(one.high),
            TOP + STEP * number,
            f"{one.value:.{digits}f} [{one.low:.{digits}f}, {one.high:.{digits}f}], {one.n} texts",
        )
        for number, (row, one) in enumerate(measured)
    )
    height = TOP + STEP * len(marks) + 12
    return Chart(
        metric(name).title, about, marks, height, f"{low:.{digits}f}", f"{high:.{digits}f}"
    )
