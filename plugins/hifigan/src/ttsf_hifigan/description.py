"""Описание модели простыми типами: одно и то же в чекпоинте и в `voice.json`; torch не нужен."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tts_framework.components import AudioSettings
from tts_framework.errors import CheckpointError
from ttsf_hifigan.options import HifiganOptions
from ttsf_hifigan.sizes import Sizes

NAME = "hifigan"


def description(config: HifiganOptions, audio: AudioSettings) -> dict[str, Any]:
    """Опиши модель JSON-типами так, чтобы голос можно было поднять из одного чекпоинта."""
    return {
        "model": {"use": NAME, **config.model_dump(mode="json")},
        "audio": audio.model_dump(mode="json"),
    }


def saved_options(path: Path, saved: Mapping[str, Any]) -> HifiganOptions:
    """Прочти настройки модели из чекпоинта.

    Raises:
        CheckpointError: чекпоинт другой модели или настройки в нём повреждены.
    """
    model = saved.get("model")
    use = model.get("use") if isinstance(model, Mapping) else None
    if not isinstance(model, Mapping) or use != NAME:
        hint = (
            "import it with 'ttsf models import'"
            if {"generator", "mpd"} & set(saved)
            else "choose another checkpoint"
        )
        raise CheckpointError(f"{path}: model is {use!r}, not {NAME!r}; {hint}")
    try:
        return HifiganOptions.model_validate({k: v for k, v in model.items() if k != "use"})
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise CheckpointError(
            f"{path}: model.{where}: {error.errors()[0]['msg']}; the checkpoint was written by"
            " another version of ttsf-hifigan, install that version"
        ) from error


def saved_audio(path: Path, saved: Mapping[str, Any]) -> AudioSettings:
    """Прочти настройки звука из чекпоинта.

    Raises:
        CheckpointError: их нет или они повреждены.
    """
    try:
        return AudioSettings.model_validate(saved.get("audio"))
    except ValidationError as error:
        raise CheckpointError(
            f"{path}: audio {saved.get('audio')!r} is damaged; use another checkpoint"
        ) from error


def saved_sizes(path: Path, config: HifiganOptions, audio: AudioSettings) -> Sizes:
    """Верни размеры генератора, записанного в чекпоинт.

    Raises:
        CheckpointError: размеры и шаг окна противоречат друг другу.
    """
    try:
        return config.network_sizes(audio)
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"{path}: {error}; the checkpoint is damaged") from error
