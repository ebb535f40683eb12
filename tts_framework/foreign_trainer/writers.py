"""Кто ещё пишет в файл: процессы тренера и открытые ими на запись файлы (Linux, /proc)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import psutil

from tts_framework.files import write_text

PID_FILE = ".trainer.json"
_ACCESS = os.O_RDONLY | os.O_WRONLY | os.O_RDWR


def remember(pid: int, folder: Path) -> None:
    """Запиши, какой процесс пишет в эту папку: pid без времени создания ничего не значит."""
    try:
        created = psutil.Process(pid).create_time()
    except psutil.Error:
        return
    write_text(folder / PID_FILE, json.dumps({"pid": pid, "created": created}))


def writer_of(folder: Path) -> psutil.Process | None:
    """Верни живой процесс, записанный в папке; None, если его нет или номер достался другому."""
    try:
        record = json.loads((folder / PID_FILE).read_text())
        process = psutil.Process(int(record["pid"]))
        if abs(process.create_time() - float(record["created"])) > 1.0:
            return None
        return process if process.status() != psutil.STATUS_ZOMBIE else None
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None


def written_by(process: psutil.Process) -> Iterator[Path]:
    """Перечисли файлы, открытые на запись процессом и его потомками; без /proc — ничего."""
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return
    for member in family:
        folder = f"/proc/{member.pid}"
        try:
            numbers = os.listdir(f"{folder}/fd")
        except OSError:
            continue
        for number in numbers:
            try:
                target = os.readlink(f"{folder}/fd/{number}")
                if target.startswith("/") and _writable(f"{folder}/fdinfo/{number}"):
                    yield Path(target)
            except OSError:
                continue


def _writable(fdinfo: str) -> bool:
    with open(fdinfo) as file:
        for line in file:
            if line.startswith("flags:"):
                return (int(line.split()[1], 8) & _ACCESS) != os.O_RDONLY
    return False
