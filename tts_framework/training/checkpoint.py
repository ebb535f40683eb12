"""Чекпоинты torch: тензоры и простые JSON-типы, атомарная запись, чтение без исполнения кода."""

from __future__ import annotations

import os
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tts_framework import files
from tts_framework.errors import CheckpointError

_PLAIN = (str, int, float, bool, type(None))


def write(path: Path, state: Mapping[str, Any]) -> None:
    """Запиши чекпоинт: временное имя, fsync, переименование.

    Raises:
        DiskFull: кончилось место; прежние чекпоинты целы.
        TypeError: в `state` не только тензоры, числа, строки, списки и словари.
    """
    import torch

    _require_plain(state, "state")
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.replacing(path) as temporary, open(temporary, "wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> dict[str, Any]:
    """Прочитай чекпоинт на CPU; код из файла не исполняется, веса отображаются в память.

    Raises:
        CheckpointError: файла нет, он усечён, повреждён или несёт не одни данные.
    """
    import torch

    try:
        zipped = _checked_archive(path)
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=zipped)
    except CheckpointError:
        raise
    except FileNotFoundError as error:
        raise CheckpointError(f"{path}: no such checkpoint; check the path") from error
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path}: is not a checkpoint or holds more than tensors and plain values;"
            " it was not executed, choose another one"
        ) from error
    except Exception as error:  # повреждённый файл роняет разбор чем угодно
        raise CheckpointError(
            f"{path}: is truncated or damaged ({type(error).__name__}); choose another one"
        ) from error
    if not isinstance(state, dict):
        raise CheckpointError(f"{path}: holds a {type(state).__name__}, not a checkpoint")
    return state


def _checked_archive(path: Path) -> bool:
    """Скажи, архив ли это (старый формат torch — нет), и не распухнет ли он при чтении."""
    if not zipfile.is_zipfile(path):
        path.stat()
        return False
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    stored = all(member.compress_type == zipfile.ZIP_STORED for member in members)
    if not stored or unpacked > path.stat().st_size:
        raise CheckpointError(
            f"{path}: unpacks to {unpacked} bytes, more than the file holds; it was refused"
        )
    return True


def _require_plain(value: Any, where: str) -> None:
    import torch

    if isinstance(value, torch.Tensor) or type(value) in _PLAIN:
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            _require_plain(key, where)
            _require_plain(item, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _require_plain(item, f"{where}[{index}]")
    else:
        raise TypeError(f"{where}: {type(value).__name__} cannot be kept in a checkpoint")
