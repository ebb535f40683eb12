"""Чего стоил отрезок обучения: исход против прогноза «если бы ничего не меняли».

Сырые потери — не оценка: их снижает само обучение. По точкам ветви до начала trial строится
затухание L(t) = c + a·exp(-b·t); его продолжение — прогноз mu со стандартной ошибкой s в
логарифмической шкале, а оценка trial — z = (mu - log L) / s, больше — лучше. Скорость затухания b
не выбирается, а усредняется по сетке с апостериорными весами, поэтому неопределённость прогноза
растёт с его дальностью. Контрольные trial-ы (значения без изменений) поправляют смещение и s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NOISE = 0.02
"""Ожидаемый шум одной оценки в логарифмической шкале, пока данных мало."""
SMALLEST = 1e-6
"""Меньшие значения минимизируемой метрики для `worth` - почти ноль."""
COARSEST = 0.25
"""Доля считается хотя бы по четырём фразам."""
_PRIOR_WEIGHT = 4.0
_RATES = np.concatenate([[0.0], np.geomspace(0.05, 30.0, 32)])

Curve = Sequence[tuple[int, float]]


@dataclass(frozen=True)
class Forecast:
    """Прогноз в шкале сравнения: среднее и стандартная ошибка для каждого шага."""

    mean: np.ndarray
    std: np.ndarray


@dataclass(frozen=True)
class Calibration:
    """Поправка прогноза по контрольным trial-ам: смещение и множитель стандартной ошибки."""

    bias: float = 0.0
    inflation: float = 1.0

    @classmethod
    def from_controls(cls, z: Sequence[float]) -> Calibration:
        """Оцени поправку по z контрольных trial-ов, стянув её к нулю, пока их мало."""
        if not z:
            return cls()
        bias = sum(z) / (len(z) + 2.0)
        spread = (_PRIOR_WEIGHT + sum((x - bias) ** 2 for x in z)) / (_PRIOR_WEIGHT + len(z))
        return cls(bias, max(1.0, float(np.sqrt(spread))))

    def apply(self, z: float) -> float:
        """Поправь оценку."""
        return (z - self.bias) / self.inflation


class Scale:
    """Шкала сравнения: логарифм для положительной минимизируемой метрики, иначе сама метрика.

    В ней «меньше — лучше» для любой цели; точки, для которых шкала не определена, — NaN. Доля
    немногих фраз меняется ступенями: её шкала линейна, а ошибка одной оценки не меньше ступени.
    """

    def __init__(self, mode: str, values: Sequence[float]) -> None:
        finite = [v for v in values if np.isfinite(v)]
        step = _step(finite)
        self.log = mode == "min" and bool(finite) and min(finite) > 0 and step == 0
        self.sign = 1.0 if mode == "min" else -1.0
        level = max(map(abs, finite), default=1.0)
        self.noise = NOISE if self.log else max(NOISE * level, step) or NOISE

    def __call__(self, values: Sequence[float] | np.ndarray) -> np.ndarray:
        array = self.sign * np.asarray(values, dtype=float)
        if not self.log:
            return array
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(array > 0, np.log(array), np.nan)


def worth(value: float, mode: str) -> float:
    """Верни оценку одного значения самого по себе: «больше — лучше», одна при любых соседях.

    Для минимума это -ln, продолженный за ноль (ареасинус): лучше нуля только отрицательное.
    """
    if mode == "max":
        return float(value)
    return float(-np.arcsinh(value / (2 * SMALLEST)) - np.log(SMALLEST))


def _step(values: Sequence[float]) -> float:
    """Верни наименьшую ступень метрики, где повторяется хотя бы половина значений; иначе 0.

    По двум уровням ступени не узнать, поэтому у долей она не больше `COARSEST`.
    """
    levels = sorted(set(values))
    if len(levels) < 2 or 2 * len(levels) > len(values):
        return 0.0
    share = levels[0] >= 0 and levels[-1] <= 1
    return float(min(np.diff(levels).min(), COARSEST if share else np.inf))


def forecast(window: Curve, steps: Sequence[int], scale: Scale) -> Forecast:
    """Продолжи кривую `window` на шаги `steps`.

    `window` — (итерация, значение) до начала trial, хотя бы одна конечная точка.

    Raises:
        ValueError: в окне нет конечных точек.
    """
    points = [(step, value) for step, value in window if np.isfinite(scale([value])[0])]
    if not points:
        raise ValueError("window: no finite value to forecast from")
    x = np.array([step for step, _ in points], dtype=float)
    levels = scale([value for _, value in points])
    ahead = np.asarray(steps, dtype=float)
    if len(points) == 1:
        return _from_one_point(levels[0], len(ahead), scale.noise)
    span = max(x[-1] - x[0], 1.0)
    fits = [_fit(rate / span, x - x[0], levels, ahead - x[0], scale) for rate in _RATES]
    errors = np.array([fit[0] for fit in fits])
    means = np.stack([fit[1] for fit in fits])
    return _mixture(errors, means, len(points), scale.noise, ahead - x[-1], span)


def advantages(window: Curve, curve: Curve, mode: str) -> list[tuple[int, float]]:
    """Верни (итерация, z) для каждой точки trial; расхождение — -inf."""
    if not curve:
        return []
    scale = Scale(mode, [value for _, value in (*window, *curve)])
    predicted = forecast(window, [step for step, _ in curve], scale)
    actual = scale([value for _, value in curve])
    z = (predicted.mean - actual) / predicted.std
    z = np.where(np.isfinite(z), z, -np.inf)
    return [(step, float(value)) for (step, _), value in zip(curve, z, strict=True)]


def settled(points: Sequence[tuple[int, float]]) -> float:
    """Усредни вторую половину точек: первая — разгон после смены значений."""
    tail = [value for _, value in points[len(points) // 2 :]]
    return float(np.mean(tail))


def _from_one_point(level: float, n: int, noise: float) -> Forecast:
    return Forecast(np.full(n, level), np.full(n, 5 * noise))


def _fit(
    rate: float, x: np.ndarray, levels: np.ndarray, ahead: np.ndarray, scale: Scale
) -> tuple[float, np.ndarray]:
    """Подбери c и a при заданной скорости; верни сумму квадратов ошибок и прогноз."""
    values = np.exp(levels) if scale.log else levels
    weights = 1.0 / values if scale.log else np.ones_like(values)
    decay = np.exp(-rate * x)
    if rate == 0.0 or np.ptp(decay) < 1e-9:
        basis, future = np.ones((len(x), 1)), np.ones((len(ahead), 1))
    else:
        basis = np.stack([np.ones_like(decay), decay], axis=1)
        future = np.stack([np.ones_like(ahead), np.exp(-rate * ahead)], axis=1)
    solution = np.linalg.lstsq(basis * weights[:, None], values * weights, rcond=None)[0]
    if scale.log and len(solution) == 2 and solution[0] < 0:
        slope = float((decay * weights) @ (values * weights) / ((decay * weights) ** 2).sum())
        solution = np.array([0.0, slope])
    fitted, predicted = basis @ solution, future @ solution
    if scale.log:
        floor = 1e-3 * values.min()
        fitted, predicted = np.log(np.maximum(fitted, floor)), np.log(np.maximum(predicted, floor))
    return float(((fitted - levels) ** 2).sum()), predicted


def _mixture(
    errors: np.ndarray,
    means: np.ndarray,
    n: int,
    noise: float,
    distance: np.ndarray,
    span: float,
) -> Forecast:
    """Усредни прогнозы сетки с весами exp(-SSE / 2σ²); разброс между ними — часть ошибки."""
    freedom = max(0, n - 3)
    variance = (errors.min() + _PRIOR_WEIGHT * noise**2) / (freedom + _PRIOR_WEIGHT)
    weights = np.exp(-(errors - errors.min()) / (2 * variance))
    weights /= weights.sum()
    mean = weights @ means
    between = weights @ (means - mean) ** 2
    drift = variance * (np.maximum(distance, 0.0) / span) / max(1, n)
    return Forecast(mean, np.sqrt(variance * (1 + 1 / n) + between + drift))
