"""Гиперпараметры, меняемые на ходу: проверка новых значений."""

from __future__ import annotations

from pydantic import ValidationError

from tts_framework.errors import ConfigError
from tts_framework.events import HParams, Value
from tts_framework.problems import did_you_mean, explain
from tts_framework.training.hparams import replaced
from ttsf_tacotron2.options import Tacotron2Options


def updated(config: Tacotron2Options, values: HParams) -> Tacotron2Options:
    """Верни настройки с новыми значениями, проверенные заново.

    Raises:
        ConfigError: имени нет среди меняемых на ходу или значение недопустимо.
    """
    known = (*config.tunables(), "batch_size")
    problems = [
        f"hparams.{name}: tacotron2 cannot change it during training; {did_you_mean(name, known)}"
        for name in sorted(set(values) - set(known))
    ]
    if problems:
        raise ConfigError(problems)
    try:
        changed: Tacotron2Options = replaced(config, dict(values))
    except ValidationError as error:
        found = explain(error, type(config), dict(values), subject="tacotron2")
        raise ConfigError([f"hparams.{path[0]}: {text}" for path, text in found]) from error
    return changed


def batch_size(value: Value) -> int:
    """Верни размер пачки целым числом.

    Raises:
        ConfigError: значение не целое или меньше единицы.
    """
    if isinstance(value, bool | str) or value < 1 or value != int(value):
        raise ConfigError([f"hparams.batch_size: {value!r}: use a whole number of at least 1"])
    return int(value)
