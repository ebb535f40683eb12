"""Общее у оптимизаторов-расписаний: одна ось ведётся по кривой, остальные не меняются."""

from __future__ import annotations

from pydantic import Field

from tts_framework.components import Options, Proposal
from tts_framework.errors import ConfigError
from tts_framework.events import Value
from tts_framework.space import Parameter, Space
from tts_framework.trials import Past


class ScheduleOptions(Options):
    """Options любого расписания."""

    parameter: str = Field("learning_rate", description="Ось, которую ведёт расписание.")


class CurveOptions(ScheduleOptions):
    """Options расписания, заданного кривой от вершины к низу."""

    peak: float | None = Field(
        None, gt=0, description="Наибольшее значение; по умолчанию исходное из настроек."
    )
    final: float = Field(
        0.01, ge=0, le=1, description="Значение в конце бюджета, в долях наибольшего."
    )


def scheduled_axis(space: Space, name: str, schedule: str) -> Parameter:
    """Найди числовую ось, которую поведёт расписание.

    Raises:
        ConfigError: такой оси нет или она не числовая.
    """
    axis = space.get(name)
    if axis is None:
        axes = ", ".join(space) or "empty"
        problem = f"{schedule} schedules {name!r}, the space is {axes}; add the axis"
        raise ConfigError([f"tuner.search_space: {problem}"])
    if axis.choices or axis.integer:
        problem = f"{schedule} needs a uniform or loguniform axis, this one is {axis.type}"
        raise ConfigError([f"tuner.search_space.{name}: {problem}; change its type"])
    return axis


def peak_of(config: CurveOptions, past: Past, axis: Parameter) -> float:
    """Верни вершину кривой: заданную или исходное значение."""
    return config.peak if config.peak is not None else float(past.base[axis.name])


def scheduled(past: Past, axis: Parameter, value: float, note: str, n: int) -> list[Proposal]:
    """Предложи `n` раз текущую точку с новым значением одной оси, прижатым к границам."""
    values: dict[str, Value] = {
        name: past.current[name] for name in past.space if name in past.current
    }
    values[axis.name] = axis.clip(value)
    text = f"{note}: {axis.name} {values[axis.name]:.4g}"
    return [Proposal(dict(values), text) for _ in range(n)]
