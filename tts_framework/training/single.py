"""Числа одинарной точности: TensorBoard хранит только их."""

from __future__ import annotations

import ctypes
import math


def shortest(value: float) -> float:
    """Верни самое короткое десятичное число с тем же значением float32.

    Так `0.001` остаётся `0.001` во всех журналах, и наблюдатели TensorBoard и MLflow отдают
    тюнеру одно и то же число, кто бы из них ни успел первым.
    """
    single = ctypes.c_float(value).value
    if not math.isfinite(single):
        return single
    for digits in range(6, 9):
        short = float(f"{single:.{digits}g}")
        if ctypes.c_float(short).value == single:
            return short
    return float(f"{single:.9g}")
