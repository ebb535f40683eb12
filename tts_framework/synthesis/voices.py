"""Голос из чекпоинта или из выгруженной папки: модель названа в них самих."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from tts_framework import files
from tts_framework.components import Voice
from tts_framework.errors import CheckpointError
from tts_framework.plugins import Plugins

DESCRIPTION = "voice.json"
"""Что лежит в выгруженной папке: `{"use": "<плагин>", "format": "onnx", ...}`."""

MAX_DESCRIPTION = 16 * 2**20
_LIKELY = ("best_model.ckpt",)


def open_voice(path: Path, device: str, plugins: Plugins) -> Voice:
    """Узнай модель по самому чекпоинту (или `voice.json` папки) и подними её голос.

    Torch импортируется лишь ради чекпоинта: папке он не нужен.

    Raises:
        CheckpointError: файл повреждён или не говорит, какой он модели;
        PluginError: такой модели нет.
    """
    voice: Voice = plugins.get("model", model_of(path)).voice(path, device)
    return voice


def model_of(path: Path) -> str:
    """Верни имя плагина модели.

    Raises:
        CheckpointError: файл повреждён или имени в нём нет.
    """
    if path.is_dir():
        return _named(path / DESCRIPTION, _description(path), "export the model again")
    from tts_framework.training import checkpoint

    model = checkpoint.read(path).get("model")
    return _named(
        path,
        model,
        "continue it with 'ttsf train --checkpoint_path' and use the checkpoint that writes",
    )


def identity(path: Path) -> str:
    """Верни sha256 чекпоинта или всех файлов папки: по нему узнают, тот ли это голос."""
    if not path.is_dir():
        return files.sha256(path)
    parts = sorted(part for part in path.rglob("*") if part.is_file())
    lines = [f"{part.relative_to(path)} {files.sha256(part)}\n" for part in parts]
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _named(where: Path, model: Any, advice: str) -> str:
    name = model.get("use") if isinstance(model, dict) else None
    if not isinstance(name, str):
        raise CheckpointError(f"{where}: does not say which model it is of; {advice}")
    return name


def _description(folder: Path) -> Any:
    path = folder / DESCRIPTION
    try:
        with path.open("rb") as file:
            content = file.read(MAX_DESCRIPTION + 1)
        if len(content) > MAX_DESCRIPTION:
            raise ValueError("it is too large")
        return json.loads(content)
    except FileNotFoundError as error:
        inside = next((folder / name for name in _LIKELY if (folder / name).is_file()), None)
        advice = f"did you mean {inside}?" if inside else "give a checkpoint or an exported folder"
        raise CheckpointError(f"{folder}: a folder without {DESCRIPTION}; {advice}") from error
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise CheckpointError(f"{path}: is damaged ({reason}); export the model again") from error
