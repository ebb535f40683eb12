"""TrainerWrapper: запуск, остановка и перезапуск программы обучения (спецификация 10.2, 10.5)."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from tts_framework.config import TrainerSettings
from tts_framework.errors import ExitCode, TTSFError
from tts_framework.files import write_text
from tts_framework.foreign_trainer.dialects import Words
from tts_framework.foreign_trainer.template import CommandTemplate
from tts_framework.foreign_trainer.writers import remember, writer_of

DEFAULT_COMMAND = (
    f"{shlex.quote(sys.executable)} -m tts_framework train --config {{config}}"
    " --output_directory {output_dir} --log_directory {log_directory}"
    " [--checkpoint_path {checkpoint}] [--hparams {hparams}] --until_iteration {until_iteration}"
)
_TELLING = re.compile(r"([\w.]+(Error|Exception|Exit|Interrupt)\b|error:)")
HPARAMS_FILE = "hparams.json"
_TAIL_BYTES = 8192


@dataclass(frozen=True)
class Launch:
    """С чем запустить тренер: значения мест в шаблоне команды (пустое значение — места нет)."""

    trial: int
    output_dir: Path
    log_directory: Path
    log_file: Path
    config: Path
    checkpoint: Path | None
    hparams: Words
    until_iteration: int
    environment: Mapping[str, str]
    from_iteration: int = 0
    interval: int = 0
    seed: int = 0

    def places(self) -> dict[str, Words]:
        """Верни подстановки для шаблона команды; пути полные: программа вправе сменить папку."""
        logs = str(self.log_directory.absolute())
        return {
            "config": str(self.config.absolute()),
            "output_dir": str(self.output_dir.absolute()),
            "log_directory": logs,
            "log_dir": logs,
            "checkpoint": str(self.checkpoint.absolute()) if self.checkpoint else "",
            "hparams": self.hparams,
            "hparams_file": str(self.output_dir.absolute() / HPARAMS_FILE),
            "seed": str(self.seed),
            "trial": str(self.trial),
            "from_iteration": str(self.from_iteration),
            "until_iteration": str(self.until_iteration),
            "iterations": str(self.until_iteration - self.from_iteration),
            "interval": str(self.interval),
        }


@dataclass(frozen=True)
class Exit:
    """Чем кончился процесс: код, вид причины и она же словами.

    `kind`: ok, interrupted, user, diverged, out_of_memory, disk_full или crashed.
    """

    code: int
    kind: str
    meaning: str


class TrainerWrapper:
    """Тренер как процесс: всё общение — через командную строку, сигналы и файлы."""

    def __init__(self, settings: TrainerSettings) -> None:
        self._settings = settings
        self._template = CommandTemplate(settings.command or DEFAULT_COMMAND)

    @property
    def stops_by_itself(self) -> bool:
        """Скажи, знает ли команда, на какой итерации ей закончить."""
        return not {"until_iteration", "iterations"}.isdisjoint(self._template.places)

    def command(self, launch: Launch) -> list[str]:
        """Подставь значения в шаблон; часть в [скобках] выпадает, если её значение пусто."""
        return self._template.words(launch.places())

    def launch(self, launch: Launch) -> Trainer:
        """Запусти тренер; его вывод дописывается в файл журнала trial.

        Raises:
            TTSFError: программы нет или её нельзя выполнить.
        """
        launch.output_dir.mkdir(parents=True, exist_ok=True)
        launch.log_directory.mkdir(parents=True, exist_ok=True)
        launch.log_file.parent.mkdir(parents=True, exist_ok=True)
        command = self.command(launch)
        if "hparams_file" in self._template.places and isinstance(launch.hparams, str):
            write_text(launch.output_dir / HPARAMS_FILE, launch.hparams)
        environment = {**os.environ, **self._settings.env, **launch.environment}
        with open(launch.log_file, "ab") as log:
            process = self._start(command, environment, log)
        trainer = Trainer(process, launch.log_file, shlex.join(command), self._settings)
        remember(process.pid, launch.output_dir)
        return trainer

    @staticmethod
    def _start(
        command: list[str], environment: dict[str, str], log: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:  # ValueError: в слове есть нулевой байт
            why = error.strerror if isinstance(error, OSError) else error
            raise TTSFError(
                f"trainer.command: {command[0]}: {why}; check the path and its rights"
            ) from error

    def stop_orphan(self, output_dir: Path) -> str | None:
        """Останови тренер, переживший убитый тюнер; верни, как это вышло, или None."""
        process = writer_of(output_dir)
        if process is None:
            return None
        return _escalate(
            lambda number: _signal_group(process.pid, number),
            lambda seconds: _gone(process, seconds),
            self._settings,
        )


class Trainer:
    """Один запущенный процесс обучения."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        log_file: Path,
        command: str,
        settings: TrainerSettings,
    ) -> None:
        self._process = process
        self._log_file = log_file
        self._settings = settings
        self._log_start = log_file.stat().st_size
        self.command = command
        self.pid = process.pid
        self.started_at = time.time()

    @property
    def running(self) -> bool:
        """Скажи, жив ли процесс."""
        return self._process.poll() is None

    def stop(self) -> str:
        """Останови: SIGINT, затем SIGTERM, затем SIGKILL; верни последний понадобившийся."""
        return _escalate(
            lambda number: _signal_group(self.pid, number),
            lambda seconds: _ended(self._process, seconds),
            self._settings,
        )

    def kill(self) -> None:
        """Убей немедленно вместе с потомками."""
        _signal_group(self.pid, signal.SIGKILL)
        _ended(self._process, 10.0)

    def exit(self) -> Exit:
        """Верни причину завершения по коду и последним строкам журнала."""
        return classify(self._process.wait(), self.tail())

    def tail(self, lines: int = 5) -> str:
        """Верни последние непустые строки вывода этого запуска."""
        with open(self._log_file, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(self._log_start, size - _TAIL_BYTES))
            text = file.read().decode(errors="replace")
        return "\n".join([line.rstrip() for line in text.splitlines() if line.strip()][-lines:])


_CODES = {
    ExitCode.OK: ("ok", "finished"),
    ExitCode.INTERRUPTED: ("interrupted", "stopped by a signal after saving a checkpoint"),
    ExitCode.USER: ("user", "refused to start"),
    ExitCode.DIVERGED: ("diverged", "the loss is not a finite number any more"),
    ExitCode.OUT_OF_MEMORY: ("out_of_memory", "ran out of memory"),
    ExitCode.DISK_FULL: ("disk_full", "no space left on the disk"),
}
_PHRASES = (
    (re.compile(r"no space left on device|disk quota exceeded", re.I), ExitCode.DISK_FULL),
    (re.compile(r"out of memory|can't allocate memory|MemoryError", re.I), ExitCode.OUT_OF_MEMORY),
)


def classify(code: int, tail: str = "") -> Exit:
    """Назови причину завершения; незнакомый код объясняют последние строки журнала."""
    last = _telling_line(tail)
    if code in _CODES:
        kind, meaning = _CODES[ExitCode(code)]
        return Exit(code, kind, meaning if kind in ("ok", "interrupted") else f"{meaning}: {last}")
    if code < 0:
        return Exit(code, "crashed", f"killed by {signal.Signals(-code).name}")
    for pattern, known in _PHRASES:
        if pattern.search(tail):
            kind, meaning = _CODES[known]
            return Exit(code, kind, f"{meaning}: {last}")
    return Exit(code, "crashed", f"exit code {code}: {last}")


def _telling_line(tail: str) -> str:
    """Выбери строку, которая объясняет больше всех: исключение, строку `error:` или последнюю."""
    lines = tail.splitlines()
    telling = [line for line in lines if _TELLING.match(line)]
    return (telling or lines or ["no output"])[-1].strip()


def _escalate(
    send: Callable[[int], None], ended: Callable[[float], bool], settings: TrainerSettings
) -> str:
    ladder = (
        (signal.SIGINT, settings.sigint_seconds),
        (signal.SIGTERM, settings.sigterm_seconds),
    )
    for number, seconds in ladder:
        send(number)
        if ended(seconds):
            return number.name
    send(signal.SIGKILL)
    ended(10.0)
    return signal.SIGKILL.name


def _signal_group(pid: int, number: int) -> None:
    """Пошли сигнал группе: тренер запущен лидером собственной сессии.

    SIGINT получает один лидер: рабочие процессы загрузчиков данных он завершает сам.
    """
    with suppress(ProcessLookupError, PermissionError):
        if number == signal.SIGINT:
            os.kill(pid, number)
        else:
            os.killpg(pid, number)


def _ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _gone(process: psutil.Process, seconds: float) -> bool:
    try:
        process.wait(seconds)
    except psutil.TimeoutExpired:
        return False
    return True
