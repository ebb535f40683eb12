"""Файл событий TensorBoard: запись и чтение кадров TFRecord.

Кадр: длина (uint64), crc длины, данные, crc данных; crc — маскированный CRC-32C. Своя запись
нужна, чтобы не импортировать torch (его тянет tensorboardX) и чтобы записанное было видно сразу.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

_HEADER = struct.Struct("<QI")
_CRC = struct.Struct("<I")
_MAX_RECORD = 1 << 30


def _table() -> tuple[int, ...]:
    values = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        values.append(byte)
    return tuple(values)


_TABLE = _table()


def masked_crc(data: bytes) -> int:
    """Верни маскированный CRC-32C (так его считает TFRecord)."""
    crc, table = 0xFFFFFFFF, _TABLE
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def new_name(suffix: str) -> str:
    """Верни имя нового файла; файлы одной папки упорядочены именами по времени создания."""
    seconds, nanoseconds = divmod(time.time_ns(), 10**9)
    host = socket.gethostname()
    return f"events.out.tfevents.{seconds}.{nanoseconds:09d}.{host}.{os.getpid()}{suffix}"


class EventWriter:
    """Дописывает кадры без буфера; оборванная запись (кончилось место) отрезается."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._descriptor = os.open(path, flags, 0o644)
        self._size = 0

    def write(self, data: bytes) -> None:
        """Допиши один кадр."""
        length = struct.pack("<Q", len(data))
        frame = b"".join((length, _CRC.pack(masked_crc(length)), data, _CRC.pack(masked_crc(data))))
        try:
            rest = memoryview(frame)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            os.lseek(self._descriptor, self._size, os.SEEK_SET)
            raise
        self._size += len(frame)

    def close(self) -> None:
        """Закрой файл; повторный вызов безвреден."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class FrameReader:
    """Дочитывает целые кадры растущего файла; недописанный последний ждёт следующего раза."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = 0

    def read(self) -> Iterator[bytes]:
        """Верни данные новых кадров.

        Raises:
            ValueError: файл повреждён; дальше этого места его прочитать нельзя.
        """
        with open(self.path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            while self.offset + _HEADER.size <= size:
                file.seek(self.offset)
                header = file.read(_HEADER.size)
                length, crc = _HEADER.unpack(header)
                if crc != masked_crc(header[:8]) or length > _MAX_RECORD:
                    raise ValueError(f"{self.path}: event file is damaged at byte {self.offset}")
                end = self.offset + _HEADER.size + length + _CRC.size
                if end > size:
                    return
                data = file.read(length)
                self.offset = end
                yield data
