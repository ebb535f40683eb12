"""Строка `--hparams a=1,b=2` (диалект comma): разбор и проверка по типам options модели."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from tts_framework.components import Options
from tts_framework.config import TrainerSettings
from tts_framework.errors import ConfigError
from tts_framework.events import HParams, Value
from tts_framework.problems import did_you_mean, explain


def split(text: str) -> dict[str, str]:
    """Раздели строку на имена и значения; пустая строка — пустой набор.

    Raises:
        ConfigError: часть без `=`, без имени или имя дважды.
    """
    pairs: dict[str, str] = {}
    problems: list[str] = []
    for part in text.split(",") if text.strip() else []:
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not name or not equals:
            problems.append(f"hparams: {part.strip()!r} is not name=value; write a=1,b=2")
        elif name in pairs:
            problems.append(f"hparams.{name}: is given twice; keep one")
        pairs[name] = value
    if problems:
        raise ConfigError(problems)
    return pairs


def parse(text: str, model: str, config: Options, trainer: TrainerSettings) -> dict[str, Value]:
    """Верни значения с типами tunable options модели и тренера (`batch_size`).

    Raises:
        ConfigError: названы все неизвестные имена и негодные значения.
    """
    given = split(text)
    owners: dict[str, tuple[str, Options]] = {
        name: owner
        for owner in (("trainer", trainer), (model, config))
        for name in owner[1].tunables()
    }
    problems = [_unknown(name, model, config, list(owners)) for name in given if name not in owners]
    values: dict[str, Value] = {}
    for name in given.keys() & owners.keys():
        title, owner = owners[name]
        try:
            values[name] = getattr(replaced(owner, {name: given[name]}), name)
        except ValidationError as error:
            found = explain(error, type(owner), {name: given[name]}, subject=title)
            problems += [f"hparams.{name}: {text}" for _, text in found]
    if problems:
        raise ConfigError(problems)
    return {name: values[name] for name in given}


def replaced(config: Options, values: dict[str, Any]) -> Any:
    """Верни options с новыми значениями, проверенные заново."""
    return type(config).model_validate({**config.model_dump(), **values})


def updated(config: Options, values: HParams, model: str) -> Any:
    """Верни настройки с новыми значениями, проверенные заново.

    Raises:
        ConfigError: имени нет среди меняемых на ходу или значение недопустимо.
    """
    known = (*config.tunables(), "batch_size")
    problems = [
        f"hparams.{name}: {model} cannot change it during training; {did_you_mean(name, known)}"
        for name in sorted(set(values) - set(known))
    ]
    if problems:
        raise ConfigError(problems)
    try:
        return replaced(config, dict(values))
    except ValidationError as error:
        found = explain(error, type(config), dict(values), subject=model)
        raise ConfigError([f"hparams.{path[0]}: {text}" for path, text in found]) from error


def batch_size(value: Value) -> int:
    """Верни размер пачки целым числом.

    Raises:
        ConfigError: значение не целое или меньше единицы.
    """
    if isinstance(value, bool | str) or value < 1 or value != int(value):
        raise ConfigError([f"hparams.batch_size: {value!r}: use a whole number of at least 1"])
    return int(value)


def _unknown(name: str, model: str, config: Options, tunable: list[str]) -> str:
    if name in type(config).model_fields or name in TrainerSettings.model_fields:
        return f"hparams.{name}: cannot change during training; set it in run.yaml"
    return f"hparams.{name}: {model} has no such option; {did_you_mean(name, tunable)}"
