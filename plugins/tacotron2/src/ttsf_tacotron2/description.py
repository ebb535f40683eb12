"""Описание модели простыми типами: одно и то же в чекпоинте и в `voice.json`; torch не нужен."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tts_framework.components import AudioSettings, Frontend
from tts_framework.errors import CheckpointError
from tts_framework.training import saved
from ttsf_tacotron2.options import Tacotron2Options

NAME = "tacotron2"


def description(
    config: Tacotron2Options, frontend: Frontend, audio: AudioSettings
) -> dict[str, Any]:
    """Опиши модель JSON-типами так, чтобы голос можно было поднять из одного чекпоинта."""
    return saved.description(NAME, config, frontend, audio)


def saved_options(path: Path, contents: Mapping[str, Any]) -> Tacotron2Options:
    """Прочти настройки модели из чекпоинта.

    Raises:
        CheckpointError: чекпоинт другой модели или настройки в нём повреждены.
    """
    return saved.options(path, contents, NAME, Tacotron2Options, package="ttsf-tacotron2")


def reduction_factor(path: Path, contents: Mapping[str, Any]) -> int:
    """Верни reduction factor весов; без записи о нём это `reduction_factor` модели.

    Raises:
        CheckpointError: запись не целое число от 1 до 20.
    """
    value = contents.get("reduction_factor", saved_options(path, contents).reduction_factor)
    if type(value) is not int or not 1 <= value <= 20:
        raise CheckpointError(f"{path}: reduction_factor is {value!r}; use another checkpoint")
    return value


def slowest_pace(path: Path, value: Any) -> float:
    """Прочти `frames_per_symbol`.

    Raises:
        CheckpointError: это не положительное число.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise CheckpointError(f"{path}: frames_per_symbol is {value!r}; use another checkpoint")
    return float(value)
