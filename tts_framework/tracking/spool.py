"""Накопитель: записи для MLflow в файле JSON-строк, который переживает сбой и простой сервера."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tts_framework import files
from tts_framework.events import Metric

RECORDS, STATE, RUN_FILE = ".mlflow-spool.jsonl", ".mlflow-spool.json", "mlflow_run_id"
Record = dict[str, Any]


class Spool:
    """Дописывает записи в папку обучения одним системным вызовом на запись, без ожиданий."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._descriptor = os.open(folder / RECORDS, flags, 0o644)
        self._torn = self._ends_torn()

    def append(self, record: Record) -> None:
        """Допиши запись; оборванная прежняя строка остаётся отдельной и будет пропущена."""
        line = json.dumps(record).encode() + b"\n"
        data = b"\n" + line if self._torn else line
        self._torn = True
        self._torn = os.write(self._descriptor, data) != len(data)

    def close(self) -> None:
        """Закрой файл; повторный вызов безвреден."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _ends_torn(self) -> bool:
        size = os.fstat(self._descriptor).st_size
        return size > 0 and os.pread(self._descriptor, 1, size - 1) != b"\n"


class SpoolReader:
    """Читает накопитель с места, подтверждённого сервером для этого же run.

    Повторная отправка безвредна: MLflow узнаёт измерение по (тег, время, шаг, значение).
    """

    def __init__(self, folder: Path, run_id: str) -> None:
        self._path, self._state = folder / RECORDS, folder / STATE
        self._run_id = run_id
        self.offset = self._acknowledged()

    def read(self, limit: int = 1 << 18) -> tuple[list[Record], int]:
        """Верни следующие целые записи и место после них; оборванный хвост не трогай."""
        try:
            with open(self._path, "rb") as file:
                file.seek(self.offset)
                data = file.read(limit)
                if b"\n" not in data:
                    data += file.readline()
        except FileNotFoundError:
            return [], self.offset
        whole = data[: data.rfind(b"\n") + 1]
        records = (_parsed(line) for line in whole.splitlines())
        return [record for record in records if record], self.offset + len(whole)

    def acknowledge(self, offset: int) -> None:
        """Запомни, что всё до этого места сервер получил."""
        files.write_text(self._state, json.dumps({"run": self._run_id, "offset": offset}))
        self.offset = offset

    def _acknowledged(self) -> int:
        try:
            state = json.loads(self._state.read_text())
            return int(state["offset"]) if state["run"] == self._run_id else 0
        except (OSError, ValueError, KeyError, TypeError):
            return 0


def _parsed(line: bytes) -> Record | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def metrics(records: list[Record]) -> list[Metric]:
    """Верни измерения из записей накопителя."""
    return [
        Metric(tag, int(record["step"]), float(value), float(record["at"]))
        for record in records
        for tag, value in record.get("metrics", {}).items()
    ]


def recorded_run(folder: Path) -> str | None:
    """Верни id run MLflow, записанный в папке обучения."""
    try:
        return (folder / RUN_FILE).read_text().strip() or None
    except OSError:
        return None


def record_run(folder: Path, run_id: str) -> None:
    """Запиши id run MLflow в папку обучения (атомарно: файл ждут другие процессы)."""
    if recorded_run(folder) != run_id:
        files.write_text(folder / RUN_FILE, run_id)
