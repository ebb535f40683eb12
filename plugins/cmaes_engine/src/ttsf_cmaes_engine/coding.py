"""Точка пространства <-> решение CatCMAwM: единичные координаты и категории one-hot."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from cmaes import CatCMAwM

from tts_framework.events import HParams, Value
from tts_framework.space import Parameter, Space

Solution: Any = CatCMAwM.Solution
FEW = 32
"""Целая ось не длиннее этого ищется с запасом (margin), длиннее — как непрерывная."""


@dataclass(frozen=True)
class Coding:
    """Раскладка осей: непрерывные, целые с запасом, категории и вырожденные.

    Значение целой оси — её координата в [0, 1] в собственной шкале, категории — номер.
    """

    space: Space
    continuous: tuple[Parameter, ...]
    stepped: tuple[Parameter, ...]
    grids: tuple[tuple[float, ...], ...]
    named: tuple[tuple[Parameter, tuple[Value, ...]], ...]
    fixed: tuple[tuple[str, Value], ...]

    @classmethod
    def of(cls, space: Space) -> Coding:
        """Разложи пространство; ось из двух значений — категория, из одного — не ищется."""
        continuous, stepped, grids, named, fixed = [], [], [], [], []
        for parameter in space.values():
            listed = _listed(parameter)
            if listed is None:
                continuous.append(parameter)
            elif len(listed) == 1:
                fixed.append((parameter.name, listed[0]))
            elif parameter.choices or len(listed) == 2:
                named.append((parameter, listed))
            else:
                stepped.append(parameter)
                grids.append(tuple(parameter.to_unit(value) for value in listed))
        return cls(
            space, tuple(continuous), tuple(stepped), tuple(grids), tuple(named), tuple(fixed)
        )

    @property
    def dimension(self) -> int:
        """Верни число осей, которые есть куда менять."""
        return len(self.continuous) + len(self.stepped) + len(self.named)

    def encode(self, values: HParams) -> Any:
        """Вырази точку со всеми осями решением."""
        x = np.array([p.to_unit(p.clip(values[p.name])) for p in self.continuous])
        z = np.array([p.to_unit(p.clip(values[p.name])) for p in self.stepped])
        raw = np.concatenate([x, z])
        c = np.zeros((len(self.named), self._widest), dtype=bool)
        for row, (parameter, listed) in enumerate(self.named):
            c[row, listed.index(parameter.clip(values[parameter.name]))] = True
        return Solution(x, z, c if len(c) else None, raw)

    def decode(self, solution: Any) -> dict[str, Value]:
        """Верни значения всех осей; непрерывная координата за границей отражена внутрь."""
        point: dict[str, Value] = dict(self.fixed)
        if self.continuous:
            inside = _reflected(solution._v_raw[: len(self.continuous)])
            point |= {
                p.name: p.from_unit(float(u)) for p, u in zip(self.continuous, inside, strict=True)
            }
        if self.stepped:
            point |= {
                p.name: p.from_unit(float(u)) for p, u in zip(self.stepped, solution.z, strict=True)
            }
        for row, (parameter, listed) in enumerate(self.named):
            point[parameter.name] = listed[int(np.argmax(solution.c[row]))]
        return point

    def leaning(self, values: HParams) -> np.ndarray | None:
        """Верни начальные доли категорий: половина — у исходной, остальное поровну."""
        if not self.named:
            return None
        q = np.zeros((len(self.named), self._widest))
        for row, (parameter, listed) in enumerate(self.named):
            q[row, : len(listed)] = 0.5 / (len(listed) - 1)
            q[row, listed.index(parameter.clip(values[parameter.name]))] = 0.5
        return q

    @property
    def _widest(self) -> int:
        return max((len(listed) for _, listed in self.named), default=0)


def _listed(parameter: Parameter) -> tuple[Value, ...] | None:
    """Верни все значения оси, если их немного."""
    if parameter.choices:
        return parameter.choices
    if parameter.integer:
        low, high = math.ceil(parameter.low), math.floor(parameter.high)
        return tuple(range(low, high + 1)) if high - low < FEW else None
    return (float(parameter.low),) if parameter.low == parameter.high else None


def _reflected(units: np.ndarray) -> np.ndarray:
    """Отрази координаты от границ [0, 1]: край не собирает повторов, как при прижатии."""
    folded = np.mod(units, 2.0)
    return np.where(folded > 1.0, 2.0 - folded, folded)
