"""Описание модели простыми типами: одно и то же в чекпоинте и в `voice.json`; torch не нужен."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tts_framework.components import AudioSettings
from tts_framework.errors import CheckpointError
from tts_framework.training import saved
from ttsf_hifigan.options import HifiganOptions
from ttsf_hifigan.sizes import Sizes

NAME = "hifigan"


def description(config: HifiganOptions, audio: AudioSettings) -> dict[str, Any]:
    """Опиши модель JSON-типами так, чтобы голос можно было поднять из одного чекпоинта."""
    return saved.description(NAME, config, None, audio)


def saved_options(path: Path, contents: Mapping[str, Any]) -> HifiganOptions:
    """Прочти настройки модели из чекпоинта.

    Raises:
        CheckpointError: чекпоинт другой модели (или эталона) или настройки в нём повреждены.
    """
    foreign = {"generator", "mpd"} & set(contents)
    advice = "import it with 'ttsf models import'" if foreign else "choose another checkpoint"
    return saved.options(
        path, contents, NAME, HifiganOptions, package="ttsf-hifigan", advice=advice
    )


def saved_audio(path: Path, contents: Mapping[str, Any]) -> AudioSettings:
    """Прочти настройки звука из чекпоинта.

    Raises:
        CheckpointError: их нет или они повреждены.
    """
    return saved.audio(path, contents, advice="use another checkpoint")


def saved_sizes(path: Path, config: HifiganOptions, audio: AudioSettings) -> Sizes:
    """Верни размеры генератора, записанного в чекпоинт.

    Raises:
        CheckpointError: размеры и шаг окна противоречат друг другу.
    """
    try:
        return config.network_sizes(audio)
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"{path}: {error}; the checkpoint is damaged") from error
