"""Дочитывание текстовых журналов, которые в это время пишут, поворачивают и обрезают."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

CHUNK = 1 << 20
PER_READ = 16 * CHUNK
"""Байт за один вызов: следующие отдаст следующий, чтобы большой журнал не задержал подстройку."""
_PROOF = 64


@dataclass(frozen=True)
class Line:
    """Строка журнала без конца строки; `number` считается от начала файла.

    `written` — когда файл менялся последний раз (Unix, с): позже строка появиться не могла.
    `whole` — False у хвоста, за которым ещё нет конца строки.
    """

    path: Path
    number: int
    text: str
    written: float
    whole: bool = True


@dataclass
class _File:
    """Состояние одного файла; `skipping` — идёт строка длиннее предела."""

    stream: IO[bytes]
    inode: tuple[int, int]
    offset: int = 0
    rest: bytearray = field(default_factory=bytearray)
    number: int = 0
    skipping: bool = False
    proof: bytes = b""


class Tail:
    """Новые строки файлов, подходящих под маску; повёрнутый файл дочитывается до конца.

    Поворот узнаётся по inode, обрезание — по размеру и по байтам перед прочитанным местом.
    Строка длиннее `longest` байт пропускается (`skipped` считает такие), не занимая памяти; байты
    не UTF-8 заменяются. `returns` делит строки и по возврату каретки (полосы хода tqdm).
    """

    def __init__(
        self, folder: Path, mask: str, *, longest: int = CHUNK, returns: bool = False
    ) -> None:
        self._folder, self._mask = folder, mask
        self._longest = longest
        self._returns = returns
        self._files: dict[Path, _File] = {}
        self.skipped = 0

    def read(self) -> Iterator[Line]:
        """Верни новые строки; хвост без конца строки приходит с `whole=False` и ждёт дальше."""
        for path in self._paths():
            try:
                yield from self._read(path)
            except FileNotFoundError:
                continue

    def take_tail(self, path: Path) -> None:
        """Считай показанный хвост файла прочитанным (разобран и закончен)."""
        self._files[path].rest.clear()

    def close(self) -> None:
        """Закрой файлы."""
        for file in self._files.values():
            file.stream.close()
        self._files.clear()

    def _paths(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        found = {path for path in self._folder.glob(self._mask) if path.is_file()}
        return sorted(found | self._files.keys())

    def _read(self, path: Path) -> Iterator[Line]:
        file = self._files.get(path)
        if file is not None and not _same(path, file.inode):
            yield from self._lines(path, file)  # у повёрнутого файла осталось непрочитанное
            file.stream.close()
            del self._files[path]
            file = None
        if file is None:
            stream = open(path, "rb")  # остаётся открытым: так переживают переименование
            stat = os.fstat(stream.fileno())
            file = self._files[path] = _File(stream, (stat.st_dev, stat.st_ino))
        yield from self._lines(path, file)
        if file.rest and not file.skipping:
            yield self._line(path, file, bytes(file.rest), os.fstat(file.stream.fileno()), False)

    def _lines(self, path: Path, file: _File) -> Iterator[Line]:
        left = PER_READ
        stat = os.fstat(file.stream.fileno())
        if stat.st_size < file.offset or not _proven(file):
            file.offset, file.number, file.skipping, file.proof = 0, 0, False, b""
            file.rest.clear()
        while left > 0:
            file.stream.seek(file.offset)
            data = file.stream.read(min(CHUNK, left))
            if not data:
                return
            left -= len(data)
            file.offset += len(data)
            file.proof = (file.proof + data)[-_PROOF:]
            for raw in self._whole(file, data):
                yield self._line(path, file, raw, stat, True)

    def _whole(self, file: _File, data: bytes) -> Iterator[bytes]:
        """Отдай законченные строки, отложи хвост, выброси слишком длинное."""
        *ended, last = (data.replace(b"\r", b"\n") if self._returns else data).split(b"\n")
        for part in ended:
            whole = bytes(file.rest) + part
            skipped = file.skipping or len(whole) > self._longest
            file.rest.clear()
            file.skipping = False
            file.number += 1
            if skipped:
                self.skipped += 1
            else:
                yield whole
        if not file.skipping:
            file.rest += last
            if len(file.rest) > self._longest:
                file.rest.clear()
                file.skipping = True

    @staticmethod
    def _line(path: Path, file: _File, raw: bytes, stat: os.stat_result, whole: bool) -> Line:
        text = raw.lstrip(b"\x00").decode("utf-8", "replace").strip()  # нули — след обрезания
        return Line(path, file.number + (not whole), text, stat.st_mtime, whole)


def _same(path: Path, inode: tuple[int, int]) -> bool:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return False
    return (stat.st_dev, stat.st_ino) == inode


def _proven(file: _File) -> bool:
    """Скажи, на месте ли то, что уже прочитано: обрезанный файл мог успеть вырасти снова."""
    if not file.proof:
        return True
    file.stream.seek(file.offset - len(file.proof))
    return file.stream.read(len(file.proof)) == file.proof
