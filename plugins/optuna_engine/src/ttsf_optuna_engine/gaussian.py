"""Гауссовский процесс сэмплера `gp` на NumPy: тот же, что в Optuna, но без её графа вычислений.

Ядро Матерна 5/2 со своей шкалой у каждой оси, априорные распределения и граница шума — из Optuna 5
(`optuna._gp`), градиенты выписаны. Точек десятки, и время уходило не на матрицы, а на вызовы torch
с записью графа: подгонка просит правдоподобие до сорока раз, поиск точки — улучшение до ста.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.linalg
import scipy.optimize
import scipy.special

Array = np.ndarray
MINIMUM_NOISE = 1e-6
_TOLERANCE = 1e-2
_STABLE = 1e-12
_FAR = -1e3
"""Левее этого z ряд точнее, чем разность почти равных чисел."""


@dataclass(frozen=True)
class Kernel:
    """`weights [D]` — обратные квадраты шкал осей; размах и шум — дисперсии."""

    weights: Array
    scale: float
    noise: float


def standardized(values: Array) -> Array:
    """Приведи оценки `[N]` к нулевому среднему и единичному разбросу, как Optuna."""
    result: Array = (values - values.mean()) / max(1e-10, float(values.std()))
    return result


class Gaussian:
    """Процесс по точкам `x [N, D]` в единичном кубе (категории — номера) и оценкам `y [N]`."""

    def __init__(self, x: Array, y: Array, categorical: Array, kernel: Kernel | None = None):
        self._x, self._y, self._categorical = x, y, categorical
        self.kernel = kernel or self._fitted()

    @cached_property
    def _gaps(self) -> Array:
        """Квадраты разностей по осям `[D, N * N]`."""
        return self._squares(self._x).reshape(self._x.shape[1], -1)

    def _squares(self, points: Array) -> Array:
        """Квадраты разностей точек `[M, D]` с известными по осям `[D, M, N]`; категорий — 0 и 1."""
        gaps: Array = (points.T[:, :, None] - self._x.T[:, None, :]) ** 2
        if self._categorical.any():
            gaps[self._categorical] = gaps[self._categorical] > 0
        return gaps

    def _fitted(self) -> Kernel:
        """Найди наибольшее правдоподобие с априорным; не сошлось — единицы, как в Optuna."""
        start = np.zeros(self._x.shape[1] + 2)
        start[-1] = math.log(1 - 0.99 * MINIMUM_NOISE)
        try:
            found = scipy.optimize.minimize(
                self.misfit, start, jac=True, method="l-bfgs-b", options={"gtol": _TOLERANCE}
            )
            if found.success:
                return _kernel(found.x)
        except np.linalg.LinAlgError:  # матрица вырождена: точки совпали, а шум подгонка убрала
            pass
        return Kernel(np.ones(self._x.shape[1]), 1.0, 1.0)

    def misfit(self, logs: Array) -> tuple[float, Array]:
        """Минус логарифм апостериорной плотности ядра `exp(logs)` и её градиент."""
        kernel = _kernel(logs)
        weights, scale, noise = kernel.weights, kernel.scale, kernel.noise
        values, slopes = _matern(weights @ self._gaps)
        size = len(self._y)
        covariance = scale * values.reshape(size, size)
        covariance.flat[:: size + 1] += noise
        lower = scipy.linalg.cholesky(covariance, lower=True, check_finite=False)
        inverse = _inverse(lower)
        solved = inverse @ self._y
        loss = float(np.log(lower.diagonal()).sum() + 0.5 * self._y @ solved)
        loss += float((0.1 / weights + 0.1 * weights).sum())
        loss -= math.log(scale) - scale + 0.1 * math.log(noise) - 30 * noise
        outward = 0.5 * (inverse - np.outer(solved, solved))
        flat = outward.ravel()
        gradient = np.empty_like(logs)
        gradient[:-2] = scale * (self._gaps @ (flat * slopes)) - 0.1 / weights**2 + 0.1
        gradient[-2] = flat @ values - 1 / scale + 1
        gradient[-1] = outward.trace() - 0.1 / noise + 30
        return loss, gradient * np.exp(logs)

    @cached_property
    def _solved(self) -> tuple[Array, Array]:
        """Множитель, обратный нижнему, `[N, N]` и решение для оценок `[N]`."""
        size, kernel = len(self._y), self.kernel
        values, _ = _matern(kernel.weights @ self._gaps)
        covariance = kernel.scale * values.reshape(size, size)
        covariance.flat[:: size + 1] += kernel.noise
        lower = scipy.linalg.cholesky(covariance, lower=True, check_finite=False)
        root = scipy.linalg.solve_triangular(lower, np.eye(size), lower=True, check_finite=False)
        return root, root.T @ (root @ self._y)

    def posterior(self, points: Array) -> tuple[Array, Array]:
        """Среднее и дисперсия в точках `[M, D]` — по `[M]`."""
        mean, variance, _, _ = self._seen(points)
        return mean, variance

    def log_improvement(self, points: Array, threshold: float) -> Array:
        """Логарифм ожидаемого улучшения в точках `[M, D]` (arXiv 2310.20708)."""
        mean, variance = self.posterior(points)
        deviation = np.sqrt(variance + _STABLE)
        values: Array = _log_expected((mean - threshold) / deviation)[0] + np.log(deviation)
        return values

    def rising_improvement(self, points: Array, threshold: float) -> tuple[Array, Array]:
        """То же и градиент `[M, D]`; по категориям он нулевой."""
        mean, variance, halves, slopes = self._seen(points)
        root, solved = self._solved
        deviation = np.sqrt(variance + _STABLE)
        values, ratio, density = _log_expected((mean - threshold) / deviation)
        outward = (ratio / deviation)[:, None] * solved
        outward -= (density / deviation**2)[:, None] * (halves @ root)
        outward *= 2 * self.kernel.scale * slopes
        sides = points[:, :, None] - self._x.T[None]
        sides[:, self._categorical] = 0
        gradient: Array = self.kernel.weights * np.einsum("mn,mdn->md", outward, sides)
        return values + np.log(deviation), gradient

    def _seen(self, points: Array) -> tuple[Array, Array, Array, Array]:
        kernel, (root, solved) = self.kernel, self._solved
        values, slopes = _matern(np.tensordot(kernel.weights, self._squares(points), 1))
        known = kernel.scale * values
        halves = known @ root.T
        variance = np.maximum(0.0, kernel.scale - (halves**2).sum(1))
        return known @ solved, variance, halves, slopes


def _kernel(logs: Array) -> Kernel:
    raw = np.exp(logs)
    return Kernel(raw[:-2], float(raw[-2]), float(raw[-1]) + MINIMUM_NOISE)


def _matern(squares: Array) -> tuple[Array, Array]:
    """Ядро 5/2 и его производная по квадрату расстояния."""
    root = np.sqrt(5 * squares)
    decay = np.exp(-root)
    return decay * (5 / 3 * squares + root + 1), -5 / 6 * (root + 1) * decay


def _inverse(lower: Array) -> Array:
    """Обрати матрицу по её нижнему множителю."""
    found, failed = scipy.linalg.lapack.dpotri(lower, lower=1)
    if failed:
        raise np.linalg.LinAlgError("singular covariance")
    full: Array = np.tril(found) + np.tril(found, -1).T
    return full


def _log_expected(z: Array) -> tuple[Array, Array, Array]:
    """log E[max(0, z + N(0, 1))] и отношения к нему функции распределения и плотности."""
    values, ratio, density = np.empty_like(z), np.empty_like(z), np.empty_like(z)
    left, right = z < 0, z >= 0
    below, above = z[left], z[right]
    tail = math.sqrt(math.pi / 2) * scipy.special.erfcx(
        -below / math.sqrt(2)
    )  # функция / плотность
    rest = np.where(below < _FAR, below**-2.0, 1 + below * tail)
    values[left] = np.log(rest) - below**2 / 2 - math.log(2 * math.pi) / 2
    ratio[left], density[left] = tail / rest, 1 / rest
    normal = np.exp(-(above**2) / 2) / math.sqrt(2 * math.pi)
    whole = scipy.special.ndtr(above)
    expected = above * whole + normal
    values[right] = np.log(expected)
    ratio[right], density[right] = whole / expected, normal / expected
    return values, ratio, density
