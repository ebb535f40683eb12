"""Описание голоса для отчёта и рецепт, по которому узнают годные прежние звуки."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tts_framework.synthesis.chain import Chain
from tts_framework.synthesis.voices import identity, model_of


def describe(
    chain: Chain, checkpoint: Path, vocoder: Path | None, iterations: int
) -> dict[str, Any]:
    """Опиши цепочку: файлы, их sha256, модели и отпечаток настроек mel."""
    about: dict[str, Any] = {"acoustic": _file(checkpoint), "vocoder": None, "mel": None}
    if vocoder is not None:
        about["vocoder"] = _file(vocoder)
    elif chain.vocoder is not None:
        about["vocoder"] = {"model": "griffin_lim", "iterations": iterations}
    if chain.reader.audio is not None:
        about["mel"] = {
            **chain.reader.audio.model_dump(mode="json"),
            "fingerprint": chain.reader.audio.fingerprint,
        }
    return about


def recipe(voice: dict[str, Any]) -> dict[str, Any]:
    """Оставь от описания то, от чего зависит звук: перенос файла его не меняет."""
    return {
        part: {key: value for key, value in (about or {}).items() if key != "path"}
        for part, about in voice.items()
    }


def _file(path: Path) -> dict[str, Any]:
    return {"path": str(path), "model": model_of(path), "sha256": identity(path)}
