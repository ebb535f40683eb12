"""Наблюдатель за файлами событий TensorBoard: дочитывает новое, не импортируя ничего тяжёлого."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tts_framework.components import TrialSource
from tts_framework.events import Metric
from tts_framework.training.event_file import FrameReader
from tts_framework.training.single import shortest

_MARK = "tfevents"
_PACKED = {1: "<f", 2: "<d", 3: "<i", 9: "<q"}
_LISTED = {1: "float_val", 2: "double_val", 3: "int_val", 9: "int64_val"}
_SETTLED_NS = 10**9


class EventReader:
    """Скаляры из файлов событий, имя которых кончается на суффикс trial.

    Без суффикса (чужой тренер) читаются все файлы событий папки и её подпапок. Первое чтение — с
    начала файлов, поэтому перезапущенный наблюдатель ничего не пропускает; повторы отсеивает
    хранилище.
    """

    def __init__(self, source: TrialSource) -> None:
        self._source = source
        self._files: dict[Path, FrameReader] = {}
        self._damaged: set[Path] = set()
        self._unsaid: list[str] = []
        self._listed = 0

    def read(self) -> list[Metric]:
        """Верни новые измерения в порядке записи.

        Raises:
            ValueError: файл повреждён; дальше этого места он больше не читается.
        """
        if self._unsaid:
            raise ValueError(self._unsaid.pop())
        self._find()
        metrics: list[Metric] = []
        for path, reader in sorted(self._files.items()):
            try:
                if path not in self._damaged and path.stat().st_size > reader.offset:
                    for frame in reader.read():
                        metrics += self._metrics(frame)
            except FileNotFoundError:
                del self._files[path]
            except ValueError as error:
                self._damaged.add(path)
                self._unsaid.append(str(error))
        return metrics

    def _find(self) -> None:
        """Найди новые файлы; давно не менявшаяся папка второй раз не просматривается."""
        folder, suffix = self._source.log_directory, self._source.suffix
        if suffix:
            changed = folder.stat().st_mtime_ns if folder.is_dir() else 0
            if changed == self._listed and time.time_ns() - changed > _SETTLED_NS:
                return
            self._listed = changed
        for path in _event_files(folder, deep=not suffix):
            if path.name.endswith(suffix) and path not in self._files:
                self._files[path] = FrameReader(path)

    def _metrics(self, frame: bytes) -> Iterator[Metric]:
        from google.protobuf.message import DecodeError
        from tensorboard.compat.proto.event_pb2 import Event

        try:
            event = Event.FromString(frame)
        except DecodeError as error:
            raise ValueError(f"{self._source.log_directory}: event is damaged: {error}") from error
        for value in event.summary.value:
            number = _scalar(value)
            if number is not None:
                name = self._source.rename.get(value.tag, value.tag)
                yield Metric(name, event.step, number, event.wall_time)


def _event_files(folder: Path, deep: bool) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        if not deep:
            folders.clear()
        yield from (Path(root, name) for name in names if _MARK in name)


def _scalar(value: Any) -> float | None:
    """Верни число из значения сводки; None, если это не скаляр."""
    kind = value.WhichOneof("value")
    if kind == "simple_value":
        return shortest(value.simple_value)
    if kind != "tensor" or value.metadata.plugin_data.plugin_name not in ("scalars", ""):
        return None
    tensor = value.tensor
    if tensor.dtype not in _PACKED or any(axis.size != 1 for axis in tensor.tensor_shape.dim):
        return None
    packed = _PACKED[tensor.dtype]
    if len(tensor.tensor_content) == struct.calcsize(packed):
        return float(struct.unpack(packed, tensor.tensor_content)[0])
    listed = getattr(tensor, _LISTED[tensor.dtype])
    return float(listed[0]) if len(listed) == 1 else None
