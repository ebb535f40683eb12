"""Выгрузка модели в другой вид."""

from __future__ import annotations

from pathlib import Path

from tts_framework.components import Exported, Model
from tts_framework.errors import CheckpointError, ConfigError
from tts_framework.plugins import Plugins
from tts_framework.zoo.store import located


def export_model(name: str, form: str, folder: Path, plugins: Plugins) -> Exported:
    """Запиши чекпоинт или установленную модель в папку в виде `form`.

    Raises:
        ConfigError: такого вида нет или не хватает пакета; CheckpointError: чекпоинт не годится.
    """
    from tts_framework.training import checkpoint

    path = located(name)
    if path.is_dir():
        raise ConfigError([f"{path}: is an exported voice already; give the checkpoint it came of"])
    model = checkpoint.read(path).get("model")
    use = model.get("use") if isinstance(model, dict) else None
    if not isinstance(use, str):
        raise CheckpointError(
            f"{path}: does not say which model it is of; 'ttsf models import' it first"
        )
    cls: type[Model] = plugins.get("model", use)
    if form not in cls.formats:
        known = ", ".join(cls.formats) or "none"
        raise ConfigError([f"--format {form}: {use} cannot be exported so; it knows: {known}"])
    return cls.export(path, form, folder)
