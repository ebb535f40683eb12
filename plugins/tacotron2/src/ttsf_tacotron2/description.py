"""Описание модели простыми типами: одно и то же в чекпоинте и в `voice.json`; torch не нужен."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tts_framework.components import AudioSettings, Frontend
from tts_framework.errors import CheckpointError
from tts_framework.plugins import Plugins
from ttsf_tacotron2.options import Tacotron2Options

NAME = "tacotron2"


def description(
    config: Tacotron2Options, frontend: Frontend, audio: AudioSettings
) -> dict[str, Any]:
    """Опиши модель JSON-типами так, чтобы голос можно было поднять из одного чекпоинта."""
    use = Plugins().name_of("frontend", type(frontend))
    return {
        "model": {"use": NAME, **config.model_dump(mode="json")},
        "symbols": list(frontend.symbols),
        "frontend": {"use": use, **frontend.config.model_dump(mode="json")},
        "audio": audio.model_dump(mode="json"),
    }


def saved_options(path: Path, saved: Mapping[str, Any]) -> Tacotron2Options:
    """Прочти настройки модели из чекпоинта.

    Raises:
        CheckpointError: чекпоинт другой модели или настройки в нём повреждены.
    """
    model = saved.get("model")
    use = model.get("use") if isinstance(model, Mapping) else None
    if not isinstance(model, Mapping) or use != NAME:
        raise CheckpointError(f"{path}: model is {use!r}, not {NAME!r}; choose another checkpoint")
    try:
        return Tacotron2Options.model_validate(
            {key: value for key, value in model.items() if key != "use"}
        )
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise CheckpointError(
            f"{path}: model.{where}: {error.errors()[0]['msg']}; the checkpoint was written by"
            " another version of ttsf-tacotron2, install that version"
        ) from error


def reduction_factor(path: Path, saved: Mapping[str, Any]) -> int:
    """Верни reduction factor весов; без записи о нём это `reduction_factor` модели.

    Raises:
        CheckpointError: запись не целое число от 1 до 20.
    """
    value = saved.get("reduction_factor", saved_options(path, saved).reduction_factor)
    if type(value) is not int or not 1 <= value <= 20:
        raise CheckpointError(f"{path}: reduction_factor is {value!r}; use another checkpoint")
    return value


def require_symbols(path: Path, saved: list[str], own: list[str]) -> None:
    """Сверь таблицы символов.

    Raises:
        CheckpointError: таблицы различаются.
    """
    if saved == own:
        return
    odd = sorted(set(saved) ^ set(own))
    which = f"; only one of them has {', '.join(map(repr, odd[:5]))}" if odd else ""
    raise CheckpointError(
        f"{path}: the checkpoint has {len(saved)} symbols, data.frontend has {len(own)}, and they"
        f" differ{which}; use the frontend it was trained with"
    )


def saved_frontend(path: Path, saved: Any, symbols: list[str]) -> Frontend:
    """Подними фронтенд, с которым модель учили.

    Raises:
        CheckpointError: фронтенд записан не весь, не тот или его символы другие.
    """
    if not isinstance(saved, Mapping) or not isinstance(saved.get("use"), str):
        raise CheckpointError(
            f"{path}: frontend is {saved!r}, not an installed plugin; train with a front end"
            " that is installed as a plugin"
        )
    options = {key: value for key, value in saved.items() if key != "use"}
    cls = Plugins().get("frontend", saved["use"])
    try:
        frontend: Frontend = cls(cls.Config.model_validate(options))
    except ValidationError as error:
        raise CheckpointError(
            f"{path}: frontend {saved['use']} does not accept {options}; install the version"
            " the model was trained with"
        ) from error
    require_symbols(path, list(symbols), list(frontend.symbols))
    return frontend


def saved_audio(path: Path, saved: Any) -> AudioSettings:
    """Прочти настройки звука.

    Raises:
        CheckpointError: они повреждены.
    """
    try:
        return AudioSettings.model_validate(saved)
    except ValidationError as error:
        raise CheckpointError(f"{path}: audio {saved!r} is damaged; use another one") from error


def slowest_pace(path: Path, value: Any) -> float:
    """Прочти `frames_per_symbol`.

    Raises:
        CheckpointError: это не положительное число.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise CheckpointError(f"{path}: frames_per_symbol is {value!r}; use another checkpoint")
    return float(value)
