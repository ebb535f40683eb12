"""Установленные модели: `$XDG_DATA_HOME/ttsf/models/ИМЯ/` с чекпоинтом или голосом ONNX."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tts_framework import files
from tts_framework.errors import ConfigError, DataError
from tts_framework.folder_lock import held
from tts_framework.problems import did_you_mean
from tts_framework.speech.disk import explained
from tts_framework.speech.voice_folder import is_voice_folder
from tts_framework.zoo.index import NAME

CHECKPOINT = "model.ckpt"
PASSPORT = "model.json"
_DRAFT = ".draft-"


@dataclass(frozen=True)
class Passport:
    """Откуда взялась модель: `format` - ttsf, reference или onnx, `sha256` - принятого файла."""

    name: str
    plugin: str
    format: str
    source: str
    sha256: str
    language: str = ""
    licence: str = ""


def models_folder() -> Path:
    """Верни папку моделей: `$XDG_DATA_HOME/ttsf/models` или `~/.local/share/ttsf/models`."""
    root = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share"
    return Path(root) / "ttsf" / "models"


def path_of(name: str) -> Path:
    """Верни чекпоинт или папку голоса установленной модели."""
    path = models_folder() / name
    return path if is_voice_folder(path) else path / CHECKPOINT


def located(name: str, key: str = "") -> Path:
    """Верни путь, если по нему что-то есть, иначе - модель с таким именем.

    `key` - ключ командной строки, которым её назвали, для сообщения.

    Raises:
        ConfigError: нет ни файла, ни установленной модели; названо, где искали.
    """
    if os.path.exists(name):
        return Path(name)
    if NAME.fullmatch(name) and (models_folder() / name).is_dir():
        return path_of(name)
    known = installed()
    hint = did_you_mean(name, known) if known else "none is installed yet"
    raise ConfigError(
        [f"{f'{key} {name}'.lstrip()}: no such file or installed model; looked at"
         f" {os.path.abspath(name)} and in {models_folder()}; {hint};"
         " see 'ttsf models list'"]
    )  # fmt: skip


def installed() -> dict[str, Passport]:
    """Верни паспорта установленных моделей; папка без него - не модель."""
    found: dict[str, Passport] = {}
    for path in sorted(models_folder().glob(f"*/{PASSPORT}")):
        try:
            found[path.parent.name] = Passport(**json.loads(path.read_bytes()))
        except (OSError, ValueError, TypeError):
            continue
    return found


@contextmanager
def drafting() -> Iterator[Path]:
    """Дай черновую папку рядом с моделями; после блока её нет. Брошенные убитым - убираются.

    Raises:
        DataError: сюда нельзя писать; DiskFull: кончилось место.
    """
    root = models_folder()
    try:
        with held(root, "wait for the other 'ttsf models' command", wait=600):
            for forgotten in root.glob(f"{_DRAFT}*"):
                shutil.rmtree(forgotten, ignore_errors=True)
            folder = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=root))
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise explained(error, root) from error


def require_free(name: str, force: bool) -> None:
    """Откажи, если имя занято, а заменять не велели.

    Raises:
        DataError: модель с таким именем уже есть.
    """
    if not force and (models_folder() / name).exists():
        raise DataError(f"{name}: is installed already; give another --name or --force")


def install(draft: Path, passport: Passport) -> Path:
    """Поставь черновик на место модели разом; прежняя с тем же именем уходит после."""
    document = json.dumps(asdict(passport), ensure_ascii=False, indent=1)
    files.write_text(draft / PASSPORT, document + "\n")
    target = models_folder() / passport.name
    old = draft.with_name(draft.name + "-old")
    if target.exists():
        os.rename(target, old)
    os.rename(draft, target)
    shutil.rmtree(old, ignore_errors=True)
    return target
