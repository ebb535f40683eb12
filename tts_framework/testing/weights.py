"""Есть ли в файле чекпоинта исполняемый код (pickle с чем-то, кроме тензоров)."""

from __future__ import annotations

import importlib.util
import zipfile
from pathlib import Path


def holds_code(path: Path) -> str:
    """Скажи, что не так с файлом; пустая строка — в нём одни данные."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
        if not any(name.endswith("data.pkl") for name in names):
            return _arrays(path) if all(name.endswith(".npy") for name in names) else ""
        if importlib.util.find_spec("torch") is None:
            return ""
        import torch

        try:
            torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:
            return f"torch.load(weights_only=True) refuses it: {type(error).__name__}"
        return ""
    head = path.read_bytes()[:2]
    return "it is a bare pickle" if head[:1] == b"\x80" and head[1:2] <= b"\x05" else ""


def _arrays(path: Path) -> str:
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as arrays:
            for name in arrays.files:
                arrays[name]
    except ValueError as error:
        return f"numpy refuses it without pickle: {error}"
    return ""
