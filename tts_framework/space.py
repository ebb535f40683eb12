"""Пространство поиска: границы, в которых разрешено менять гиперпараметры (спецификация 10.4)."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tts_framework.events import HParams, Value


@dataclass(frozen=True)
class Parameter:
    """Одна ось пространства.

    `type`: `uniform`, `loguniform`, `int`, `logint` — с границами `low <= high`;
    `categorical` — с перечнем `choices`. `when` — условие: пары (имя оси-родителя, её значения),
    при которых эта ось действует; пусто — всегда.
    """

    name: str
    type: str
    low: float = 0.0
    high: float = 1.0
    choices: tuple[Value, ...] = ()
    when: tuple[tuple[str, tuple[Value, ...]], ...] = ()

    @property
    def log(self) -> bool:
        return self.type in ("loguniform", "logint")

    @property
    def integer(self) -> bool:
        return self.type in ("int", "logint")

    def to_unit(self, value: Value) -> float:
        """Переведи значение в [0, 1] в собственной шкале оси (логарифмической, если она такая)."""
        if self.choices:
            return self.choices.index(value) / max(1, len(self.choices) - 1)
        low, high, x = self._scaled(self.low), self._scaled(self.high), self._scaled(float(value))
        return 0.0 if high == low else (x - low) / (high - low)

    def from_unit(self, unit: float) -> Value:
        """Обратное к `to_unit`; результат всегда внутри границ."""
        unit = min(1.0, max(0.0, unit))
        if self.choices:
            return self.choices[min(len(self.choices) - 1, int(unit * len(self.choices)))]
        low, high = self._scaled(self.low), self._scaled(self.high)
        x = low + unit * (high - low)
        return self.clip(math.exp(x) if self.log else x)

    def clip(self, value: Value) -> Value:
        """Верни ближайшее допустимое значение."""
        if self.choices:
            return value if value in self.choices else self.choices[0]
        x = float(min(self.high, max(self.low, float(value))))
        if not self.integer:
            return x
        return min(math.floor(self.high), max(math.ceil(self.low), round(x)))

    def contains(self, value: Value) -> bool:
        """Скажи, допустимо ли значение (нечисловое и NaN — нет)."""
        if self.choices:
            return value in self.choices
        if isinstance(value, str | bool) or not math.isfinite(value):
            return False
        if self.integer and value != int(value):
            return False
        return self.low <= value <= self.high

    def gap(self, one: Value, other: Value) -> float:
        """Верни расстояние между двумя значениями в [0, 1]; вне границ — как на границе."""
        if self.choices:
            return 0.0 if one == other else 1.0
        return abs(self.to_unit(self.clip(one)) - self.to_unit(self.clip(other)))

    def sample(self, rng: random.Random) -> Value:
        """Выбери значение равномерно в собственной шкале оси."""
        return self.from_unit(rng.random())

    def _scaled(self, x: float) -> float:
        return math.log(x) if self.log else x


class Space(Mapping[str, Parameter]):
    """Неизменяемый набор осей в порядке объявления.

    Ось с условием (`Parameter.when`) действует, только когда действуют её родители и их значения
    подходят; в точке пространства есть лишь действующие оси.
    """

    def __init__(self, parameters: Mapping[str, Parameter]) -> None:
        self._parameters = dict(parameters)
        self._ordered = tuple(_parents_first(self._parameters))

    def __getitem__(self, name: str) -> Parameter:
        return self._parameters[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    @property
    def conditional(self) -> bool:
        """Скажи, есть ли оси с условием."""
        return any(parameter.when for parameter in self.values())

    def define(self, choose: Callable[[Parameter], Value]) -> dict[str, Value]:
        """Собери точку, выбирая значения действующих осей одно за другим, родителей раньше."""
        point: dict[str, Value] = {}
        for parameter in self._ordered:
            if _holds(parameter, point):
                point[parameter.name] = choose(parameter)
        return {name: point[name] for name in self if name in point}

    def active(self, values: HParams) -> tuple[str, ...]:
        """Назови оси, которые действуют при этих значениях родителей."""
        acting = dict[str, Value]()
        for parameter in self._ordered:
            if _holds(parameter, acting):
                # значения родителя нет — его детям действовать не с чего
                acting[parameter.name] = values.get(parameter.name, math.nan)
        return tuple(name for name in self if name in acting)

    def point(self, values: HParams, *fallbacks: HParams) -> dict[str, Value]:
        """Верни значения действующих осей; чего нет в `values`, возьми из `fallbacks` по порядку.

        Ось, которой нет нигде, встаёт на середину.
        """

        def known(parameter: Parameter) -> Value:
            found = (source for source in (values, *fallbacks) if parameter.name in source)
            source = next(found, None)
            return parameter.from_unit(0.5) if source is None else source[parameter.name]

        return self.define(known)

    def sample(self, rng: random.Random) -> dict[str, Value]:
        """Выбери точку пространства."""
        return self.define(lambda parameter: parameter.sample(rng))

    def clip(self, values: HParams) -> dict[str, Value]:
        """Верни точку, прижатую к границам; оси, которых нет в пространстве, отброшены."""
        return {name: p.clip(values[name]) for name, p in self.items() if name in values}

    def violations(self, values: HParams) -> list[str]:
        """Назови каждое значение, вышедшее за объявленные границы."""
        return [
            f"{name}: {self.violation(parameter, values[name])}"
            for name, parameter in self.items()
            if name in values and not parameter.contains(values[name])
        ]

    @classmethod
    def violation(cls, parameter: Parameter, value: Value) -> str:
        """Скажи словами, что значение вне границ оси."""
        return f"{value!r} is outside of {cls._bounds(parameter)}"

    def distance(self, one: HParams, other: HParams) -> float:
        """Верни расстояние Чебышёва в [0, 1] по общим осям, каждая в собственной шкале.

        Разные значения `categorical` отстоят на 1; точки без общих осей — тоже.
        """
        shared = [p for name, p in self.items() if name in one and name in other]
        return max((p.gap(one[p.name], other[p.name]) for p in shared), default=1.0)

    @staticmethod
    def _bounds(parameter: Parameter) -> str:
        if parameter.choices:
            return f"{list(parameter.choices)}"
        return f"[{parameter.low:g}, {parameter.high:g}]"


def _holds(parameter: Parameter, values: HParams) -> bool:
    return all(name in values and values[name] in allowed for name, allowed in parameter.when)


def _parents_first(parameters: Mapping[str, Parameter]) -> Iterator[Parameter]:
    """Упорядочи оси: родители раньше детей, иначе как объявлено.

    Raises:
        ValueError: условие называет неизвестную ось или замыкается в круг.
    """
    waiting, placed = dict(parameters), set[str]()
    while waiting:
        ready = [p for p in waiting.values() if all(name in placed for name, _ in p.when)]
        if not ready:
            raise ValueError(f"conditions never hold: {', '.join(waiting)}")
        first = ready[0]
        yield waiting.pop(first.name)
        placed.add(first.name)
