"""Итоги долгой работы по ключам в файле JSON-строк: прерванную работу продолжает та же команда."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tts_framework.speech.disk import explained


class Results:
    """Словарь «ключ -> итог», который переживает kill -9.

    Первая строка файла — рецепт: с другим рецептом прежние итоги недействительны и файл
    начинается заново. Итог дописывается одним системным вызовом, оборванная строка пропускается.

        with Results(folder / "transcripts.jsonl", {"use": "whisper"}) as results:
            for clip in clips:
                if clip.id not in results:
                    results.add(clip.id, transcribe(clip))
    """

    def __init__(self, path: Path, recipe: dict[str, Any]) -> None:
        self._path = path
        first = json.dumps({"recipe": recipe}, ensure_ascii=False, sort_keys=True)
        found, self.values = _read(path)
        same = found == json.loads(first)
        if not same:
            self.values = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            self._descriptor = os.open(path, flags if same else flags | os.O_TRUNC, 0o644)
        except OSError as error:
            raise explained(error, path) from error
        self._torn = same and not _ends_whole(self._descriptor)
        if not same:
            self._write(first)

    def __enter__(self) -> Results:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def add(self, key: str, value: Any) -> None:
        """Допиши итог; последний с тем же ключом заменяет прежний.

        Raises:
            DiskFull: кончилось место; записанное раньше цело.
        """
        self._write(json.dumps({"key": key, "value": value}, ensure_ascii=False))
        self.values[key] = value

    def close(self) -> None:
        """Закрой файл; повторный вызов безвреден."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _write(self, line: str) -> None:
        data = f"{line}\n".encode("utf-8", "surrogateescape")
        data = b"\n" + data if self._torn else data
        self._torn = True
        try:
            written = os.write(self._descriptor, data)
            if written != len(data):  # место кончилось посреди строки: повтор назовёт причину
                os.write(self._descriptor, data[written:])
        except OSError as error:
            raise explained(error, self._path) from error
        self._torn = False


def _read(path: Path) -> tuple[Any, dict[str, Any]]:
    """Верни первую строку и итоги; недописанное и испорченное пропускается."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError:
        return None, {}
    records = [_parsed(line) for line in lines if line]
    values = {r["key"]: r["value"] for r in records[1:] if r and "key" in r and "value" in r}
    return (records[0] if records else None), values


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line.decode("utf-8", "surrogateescape"))
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _ends_whole(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"
