"""Сравнение кривых по обе стороны перезапуска."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping

from tts_framework.smart_tuner.contract.finding import COSTS, FAILS, HOLDS, UNKNOWN, Finding

_EXACT = 1e-5
_CLOSE = 3.0
"""Во столько раз среднее расхождение может превысить обычный разброс соседних шагов."""


def continuation(
    point: str, before: Mapping[int, float], after: Mapping[int, float], since: int
) -> Finding:
    """Сравни потери на одних и тех же шагах: без остановки и после продолжения с `since`."""
    common = sorted(step for step in after if step > since and step in before)
    if len(common) < 2:
        return Finding(point, UNKNOWN, f"{len(common)} common steps after {since}")
    one, two = [before[s] for s in common], [after[s] for s in common]
    span = f"steps {common[0]}-{common[-1]}"
    if all(math.isclose(a, b, rel_tol=_EXACT) for a, b in zip(one, two, strict=True)):
        return Finding(point, HOLDS, f"the same loss on {span}, to the digit")
    ours, theirs = statistics.fmean(two), statistics.fmean(one)
    seen = f"loss {ours:.4g} on {span}, {theirs:.4g} without the restart"
    first = statistics.fmean(list(before.values())[: len(common)])
    allowed = max(_CLOSE * noise(before) / math.sqrt(len(common)), 0.05 * abs(theirs))
    if abs(ours - theirs) <= allowed:
        return Finding(
            point, COSTS, seen, "data order or random state is not restored: scores get noisier"
        )
    if abs(ours - first) < abs(ours - theirs):
        why = "it starts over: the weights are not restored, no trial can build on its parent"
        return Finding(point, FAILS, f"{seen}, {first:.4g} at the very start", why)
    return Finding(
        point, FAILS, seen, "optimizer state is not restored: every decision costs its recovery"
    )


def noise(losses: Mapping[int, float]) -> float:
    """Верни разброс потерь соседних шагов."""
    values = list(losses.values())
    steps = [b - a for a, b in zip(values, values[1:], strict=False)]
    return statistics.pstdev(steps) if len(steps) > 1 else 0.0
