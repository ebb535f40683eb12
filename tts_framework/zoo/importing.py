"""Приём модели из файла: чекпоинт (наш или эталона), архив с ним или голос ONNX; без сети."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tts_framework import files
from tts_framework.components import Foreign, Frontend, Model
from tts_framework.errors import CheckpointError, DataError, PluginError
from tts_framework.plugins import Plugins
from tts_framework.speech import voice_folder
from tts_framework.zoo import store
from tts_framework.zoo.archives import is_archive, is_torch_zip, unpack
from tts_framework.zoo.index import require_name
from tts_framework.zoo.store import CHECKPOINT, Passport

Progress = Callable[[int, int, str], None]

MAX_BESIDE = 1000
_PICKLE = b"\x80\x02"


@dataclass(frozen=True)
class Wanted:
    """Что сказал человек: имя модели и то, чего нет в самом чекпоинте."""

    name: str
    plugin: str | None = None
    member: str | None = None
    frontend: Frontend | None = None
    audio: Mapping[str, Any] = field(default_factory=dict)
    beside: tuple[Path, ...] = ()
    language: str = ""
    licence: str = ""
    force: bool = False


def import_model(
    path: Path,
    wanted: Wanted,
    plugins: Plugins,
    progress: Progress = lambda done, total, what: None,
) -> Passport:
    """Прими файл (или папку) и поставь модель под именем `wanted.name`; код не исполняется.

    Модель поставлена, только если её голос поднялся.

    Raises:
        DataError: файла нет, архив опасен или в нём не одна модель; CheckpointError: не
        чекпоинт, он повреждён или его тензоры не те; ConfigError: не хватает настроек.
    """
    require_name(wanted.name)
    if not path.exists():
        raise DataError(f"{path}: no such file; check the path")
    store.require_free(wanted.name, wanted.force)
    with store.drafting() as draft:
        source = path
        if path.is_file() and is_archive(path):
            source = draft / "unpacked"
            source.mkdir()
            unpack(path, source, progress)
        ready = draft / "ready"
        ready.mkdir()
        plugin, form = _made(source, ready, wanted, plugins)
        if wanted.plugin not in (None, plugin):
            raise CheckpointError(f"{path}: is a {plugin}, the index says {wanted.plugin}")
        progress(0, 1, "check")
        plugins.get("model", plugin).voice(
            ready if form == voice_folder.FORMAT else ready / CHECKPOINT
        )
        progress(1, 1, "check")
        digest = files.sha256(path) if path.is_file() else ""
        passport = Passport(
            wanted.name, plugin, form, str(path), digest, wanted.language, wanted.licence
        )
        store.install(ready, passport)
    return passport


def _made(source: Path, ready: Path, wanted: Wanted, plugins: Plugins) -> tuple[str, str]:
    """Собери модель в `ready`; верни плагин и вид принятого."""
    voice = _voice_folder(source)
    if voice is not None:
        return _copied_voice(voice, ready), voice_folder.FORMAT
    checkpoint = source if source.is_file() else _chosen(source, wanted.member)
    beside = wanted.beside + _beside(checkpoint)
    return _converted(checkpoint, beside, ready / CHECKPOINT, wanted, plugins)


def _voice_folder(source: Path) -> Path | None:
    if not source.is_dir():
        return None
    found = [path.parent for path in source.rglob(voice_folder.NAME)]
    return found[0] if len(found) == 1 else None


def _copied_voice(folder: Path, ready: Path) -> str:
    contents = voice_folder.read(folder).contents
    for path in folder.iterdir():
        if path.suffix == ".onnx" and path.is_file() and not path.is_symlink():
            shutil.copyfile(path, ready / path.name)
    shutil.copyfile(folder / voice_folder.NAME, ready / voice_folder.NAME)
    use = contents.get("use")
    if not isinstance(use, str):
        raise CheckpointError(f"{folder / voice_folder.NAME}: use is {use!r}; export it again")
    return use


def _chosen(folder: Path, member: str | None) -> Path:
    """Найди чекпоинт среди распакованного; `do_` - спутник `g_`, а не модель."""
    found = {
        str(path.relative_to(folder)): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and _is_checkpoint(path)
    }
    if member is not None:
        if member not in found:
            raise DataError(f"--member {member}: no such checkpoint; it has {_names(found)}")
        return found[member]
    models = {name: path for name, path in found.items() if not path.name.startswith("do_")}
    if len(models) != 1:
        what = f"holds {_names(models)}; choose one with --member" if models else "holds no"
        raise DataError(f"the archive {what}" + ("" if models else " checkpoint"))
    return next(iter(models.values()))


def _names(found: Mapping[str, Path]) -> str:
    return ", ".join(list(found)[:10]) or "none"


def _is_checkpoint(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == _PICKLE or is_torch_zip(path)


def _beside(path: Path) -> tuple[Path, ...]:
    others = (other for other in path.parent.iterdir() if other != path and other.is_file())
    return tuple(other for _, other in zip(range(MAX_BESIDE), others))


def _converted(
    path: Path, beside: tuple[Path, ...], target: Path, wanted: Wanted, plugins: Plugins
) -> tuple[str, str]:
    from tts_framework.training import checkpoint

    contents = checkpoint.read(path)
    model = contents.get("model")
    use = model.get("use") if isinstance(model, Mapping) else None
    if isinstance(use, str):
        plugins.get("model", use)
        shutil.copyfile(path, target)
        return use, "ttsf"
    foreign = Foreign(path, contents, beside, wanted.frontend, wanted.audio)
    name, cls = _recognised(foreign, plugins)
    try:
        checkpoint.write(target, cls.adopt(foreign))
    except TypeError as error:
        raise CheckpointError(f"{path}: holds more than plain values ({error})") from error
    return name, "reference"


def _recognised(foreign: Foreign, plugins: Plugins) -> tuple[str, type[Model]]:
    names = plugins.names("model")
    for name in names:
        try:
            cls: type[Model] = plugins.get("model", name)
        except PluginError:  # чужой сломанный плагин не мешает исправному
            continue
        if cls.recognises(foreign):
            return name, cls
    keys = ", ".join(sorted(map(str, foreign.contents))[:6])
    raise CheckpointError(
        f"{foreign.path}: no installed model knows this checkpoint (it holds: {keys}); asked:"
        f" {', '.join(names)}"
    )
