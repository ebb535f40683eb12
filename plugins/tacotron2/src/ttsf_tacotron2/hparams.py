"""Гиперпараметры, меняемые на ходу: проверка новых значений."""

from __future__ import annotations

from pydantic import ValidationError

from tts_framework.errors import ConfigError
from tts_framework.events import HParams, Value
from ttsf_tacotron2.options import Tacotron2Options


def updated(config: Tacotron2Options, values: HParams) -> Tacotron2Options:
    """Верни настройки с новыми значениями, проверенные заново.

    Raises:
        ConfigError: имени нет среди меняемых на ходу или значение недопустимо.
    """
    tunables = config.tunables()
    problems = [
        f"hparams.{name}: tacotron2 has no such tunable option; tunable are"
        f" {', '.join(tunables)} and batch_size"
        for name in sorted(set(values) - set(tunables))
    ]
    if problems:
        raise ConfigError(problems)
    try:
        return type(config).model_validate({**config.model_dump(), **values})
    except ValidationError as error:
        raise ConfigError(
            [
                f"hparams.{'.'.join(map(str, problem['loc']))}: {problem['input']!r}:"
                f" {problem['msg'].lower()}"
                for problem in error.errors()
            ]
        ) from error


def batch_size(value: Value) -> int:
    """Верни размер пачки целым числом.

    Raises:
        ConfigError: значение не целое или меньше единицы.
    """
    if isinstance(value, bool | str) or value < 1 or value != int(value):
        raise ConfigError([f"hparams.batch_size: {value!r}: use a whole number of at least 1"])
    return int(value)
