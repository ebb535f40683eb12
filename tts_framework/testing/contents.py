"""Что лежит в чекпоинтах: сравнение двух файлов бит в бит и подмена разделов."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tts_framework.components import Session


def saved(session: Session, path: Path) -> dict[str, Any]:
    """Сохрани сессию и прочитай написанное (модели, которые пишут `training.checkpoint`)."""
    from tts_framework.training import checkpoint

    session.save(path)
    return checkpoint.read(path)


def rewritten(path: Path, **changes: Any) -> Path:
    """Перепиши чекпоинт рядом, заменив разделы; None убирает раздел."""
    from tts_framework.training import checkpoint

    state = {**checkpoint.read(path), **changes}
    target = path.with_name("changed")
    checkpoint.write(target, {key: value for key, value in state.items() if value is not None})
    return target


def different(one: Path, other: Path) -> list[str]:
    """Назови массивы, которыми файлы различаются хоть битом; о прочих форматах судить не берись.

    Читаются архивы torch и npz; числа и строки рядом с массивами (время записи) не сравниваются.
    """
    left, right = _arrays(one), _arrays(other)
    shared = (name for name in left if name in right and not _equal(left[name], right[name]))
    return sorted({*left} ^ {*right} | {*shared})


def unlike(one: Any, other: Any, where: str = "") -> list[str]:
    """Назови места, в которых прочитанные чекпоинты (или их разделы) различаются хоть битом."""
    left, right = dict(_leaves(one, where)), dict(_leaves(other, where))
    shared = (name for name in left if name in right and not _equal(left[name], right[name]))
    return sorted({*left} ^ {*right} | {*shared})


def _arrays(path: Path) -> dict[str, Any]:
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    if all(name.endswith(".npy") for name in names):
        import numpy as np

        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    import torch

    state = torch.load(path, map_location="cpu", weights_only=True)
    return {name: item for name, item in _leaves(state) if isinstance(item, torch.Tensor)}


def _leaves(value: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    inner: Any = ()
    if isinstance(value, Mapping):
        inner = value.items()
    elif isinstance(value, list | tuple):
        inner = enumerate(value)
    else:
        yield where, value
    for key, item in inner:
        yield from _leaves(item, f"{where}.{key}" if where else str(key))


def _equal(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if hasattr(one, "numpy"):
        one, other = one.detach().cpu(), other.detach().cpu()
        return bool(one.dtype == other.dtype and one.equal(other))
    if hasattr(one, "tobytes"):
        return bool(one.shape == other.shape and one.tobytes() == other.tobytes())
    return bool(one == other)
