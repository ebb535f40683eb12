"""Проверка `tuner.search_space` по options модели и исходная точка подстройки."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from tts_framework.config import ParameterSettings, Settings, TrainerSettings
from tts_framework.configure import Problems
from tts_framework.events import Value
from tts_framework.options import Options
from tts_framework.problems import KeyPath, did_you_mean, explain
from tts_framework.space import Parameter, Space

_WHERE = ("tuner", "search_space")
_INNER = 0.5137
"""Точка внутри оси, дробная на любых целых границах: целая option её не примет."""


@dataclass(frozen=True)
class Owner:
    """Чья option стоит за осью: модели или самого тренера.

    `given` — options, как они записаны в настройках, `key` — их раздел там; `values` — они же
    проверенные, None, если записаны с ошибкой.
    """

    name: str
    config: type[Options]
    given: Mapping[str, Any]
    values: Options | None
    key: str

    def problems(self, option: str, value: Value) -> Iterable[str]:
        """Назови, чем плохо это значение option."""
        data = {**self.given, option: value}
        try:
            self.config.model_validate(data)
        except ValidationError as error:
            for path, text in explain(error, self.config, data, subject=self.name):
                if path in ((), (option,)):
                    yield text


def owners(settings: Settings, model: type[Any], config: Options | None) -> tuple[Owner, Owner]:
    """Верни владельцев tunable options: модель и тренер."""
    trainer = settings.trainer.model_dump(exclude_unset=True)
    return (
        Owner(settings.model.use, model.Config, settings.model.options, config, "model"),
        Owner("trainer", TrainerSettings, trainer, settings.trainer, "trainer"),
    )


def check_space(
    settings: Settings, owned_by: tuple[Owner, ...], problems: Problems
) -> tuple[Space, dict[str, Value]]:
    """Собери пространство и исходную точку; без владельцев (чужой тренер) имена любые."""
    space: dict[str, Parameter] = {}
    base: dict[str, Value] = {}
    for name, axis in settings.tuner.search_space.items():
        parameter = axis.parameter(name)
        space[name] = parameter
        if not owned_by:
            base[name] = _first(axis.start, parameter.from_unit(0.5))
            continue
        owner = next((o for o in owned_by if name in o.config.tunables()), None)
        if owner is None:
            problems.add((*_WHERE, name), _not_tunable(name, owned_by))
            continue
        for path, text in _range_problems(name, parameter, owner):
            problems.add(path, text)
        base[name] = _start(name, axis, owner, problems)
    declared = {name: a.parameter(name) for name, a in settings.tuner.search_space.items()}
    found = list(condition_problems(declared))
    for path, text in found:
        problems.add((*_WHERE, *path), text)
    if found:  # план всё равно не соберётся, а пространство с такими условиями — тем более
        space = {name: replace(parameter, when=()) for name, parameter in space.items()}
    kept = {name: _without_lost_parents(parameter, space) for name, parameter in space.items()}
    return Space(kept), base


def condition_problems(axes: Mapping[str, Parameter]) -> Iterable[tuple[KeyPath, str]]:
    """Найди условия `when`, которые не могут выполниться; путь — внутри `search_space`."""
    for name, parameter in axes.items():
        for parent, allowed in parameter.when:
            if text := _condition_problem(axes, parent, allowed):
                yield (name, "when", parent), text
        if name in (chain := _ancestors(axes, name)):
            yield (name, "when"), f"depends on itself through {', '.join(chain)}; break the circle"


def _condition_problem(
    axes: Mapping[str, Parameter], parent: str, allowed: tuple[Value, ...]
) -> str | None:
    if parent not in axes:
        return f"no such axis in the search space; {did_you_mean(parent, axes)}"
    axis = axes[parent]
    if not (axis.choices or axis.integer):
        return f"{parent} is {axis.type}; a condition needs a categorical or int axis"
    if not allowed:
        return "the list of values is empty; name at least one"
    wrong = next((value for value in allowed if not axis.contains(value)), None)
    return None if wrong is None else f"{Space.violation(axis, wrong)}; use a value of {parent}"


def _ancestors(axes: Mapping[str, Parameter], name: str) -> list[str]:
    """Назови оси, от которых зависит эта, ближние раньше."""
    found: list[str] = []
    queue = [parent for parent, _ in axes[name].when]
    while queue:
        parent = queue.pop(0)
        if parent in axes and parent not in found:
            found.append(parent)
            queue += [grand for grand, _ in axes[parent].when]
    return found


def _without_lost_parents(parameter: Parameter, space: Mapping[str, Parameter]) -> Parameter:
    """Забудь условия на оси, отвергнутые как неизвестные: об этом уже сказано."""
    return replace(parameter, when=tuple(pair for pair in parameter.when if pair[0] in space))


def _not_tunable(name: str, owned_by: tuple[Owner, ...]) -> str:
    tunable = [option for owner in owned_by for option in owner.config.tunables()]
    if any(name in owner.config.model_fields for owner in owned_by):
        return f"cannot change during training; tunable are: {', '.join(tunable)}"
    return f"{owned_by[0].name} has no such option; {did_you_mean(name, tunable)}"


def _range_problems(name: str, parameter: Parameter, owner: Owner) -> Iterable[tuple[KeyPath, str]]:
    where = (*_WHERE, name)
    if parameter.choices:
        for index, choice in enumerate(parameter.choices):
            for text in owner.problems(name, choice):
                yield (*where, "choices", index), text
        return
    found = False
    for end in ("low", "high"):
        value = parameter.clip(getattr(parameter, end))
        for text in owner.problems(name, value):
            found = True
            yield (*where, end), text
    if not found and parameter.low < parameter.high:
        for text in owner.problems(name, parameter.from_unit(_INNER)):
            if text.endswith("is not an integer"):
                text = f"the option is an integer; use {'logint' if parameter.log else 'int'}"
            yield (*where, "type"), text


def _start(name: str, axis: ParameterSettings, owner: Owner, problems: Problems) -> Value:
    """Исходное значение: `start`, заданная option, её умолчание, прижатое к границам."""
    parameter = axis.parameter(name)
    if axis.start is not None:
        return axis.start
    value: Value | None = getattr(owner.values, name, None)
    if value is None:
        return parameter.from_unit(0.5)
    if name in owner.given and not parameter.contains(value):
        text = Space.violation(parameter, value)
        advice = f"widen tuner.search_space.{name} or give it a start"
        problems.add((owner.key, name), f"{text}; {advice}")
    return parameter.clip(value)


def _first(value: Value | None, otherwise: Value) -> Value:
    return otherwise if value is None else value
