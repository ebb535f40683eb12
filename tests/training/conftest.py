"""Обучение модели `tiny` в этом процессе и в дочернем."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tts_framework import config_file
from tts_framework.errors import ExitCode
from tts_framework.training import start
from tts_framework.training.screen import Screen
from tts_framework.training.stop_request import StopRequest


class Training:
    """Обучение в этом процессе: `output` — всё, что было сказано человеку."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.stop = StopRequest()

    @property
    def output(self) -> str:
        return self.stream.getvalue()

    def __call__(self, config: Path, environ: Mapping[str, str] = {}, **request: Any) -> ExitCode:
        settings = config_file.load(config)
        asked = start.Request(settings=settings, environ=environ, **request)
        return start.train(asked, Screen(self.stream), self.stop)


@pytest.fixture
def train() -> Training:
    return Training()


@pytest.fixture
def weights() -> Callable[[Path], Any]:
    """Всё содержимое чекпоинта `tiny`: равенство — это равенство бит в бит."""
    return lambda path: json.loads(path.read_text())


class Process:
    """`ttsf train` в дочернем процессе."""

    def __init__(self, arguments: list[str], environ: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tts_framework", "train", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **environ},
        )

    def wait(self, seconds: float = 60) -> tuple[int, str]:
        output, _ = self.process.communicate(timeout=seconds)
        return self.process.returncode, output

    def wait_for(self, found: Callable[[], bool], seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not found():
            assert self.process.poll() is None, self.wait()
            assert time.monotonic() < deadline
            time.sleep(0.02)


@pytest.fixture
def launch() -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def run(*arguments: object, **environ: str) -> Process:
        started.append(Process([str(argument) for argument in arguments], environ))
        return started[-1]

    yield run
    for process in started:
        if process.process.poll() is None:
            process.process.kill()
            process.process.communicate()
