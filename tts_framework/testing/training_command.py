"""`ttsf train` с моделью: начинается, слушается SIGINT, продолжает с сохранённого."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tts_framework.checkpoints import newest
from tts_framework.components import AudioSettings
from tts_framework.errors import ExitCode
from tts_framework.testing.corpus import TinyCorpus
from tts_framework.testing.demand import Broken, demand
from tts_framework.testing.tuning import write_config

_LOG = "train.log"


class TrainingCommand:
    """Часть контракта модели: программа `ttsf train` как отдельный процесс.

    `sigint_seconds` — столько самое большее ждут конца после SIGINT, `patience_seconds` — первого
    чекпоинта и двух шагов продолжения.
    """

    plugin: ClassVar[str]
    options: ClassVar[dict[str, Any]]
    frontend_use: ClassVar[dict[str, Any]]
    batch_size: ClassVar[int]
    sigint_seconds: ClassVar[float] = 60.0
    patience_seconds: ClassVar[float] = 120.0

    @pytest.fixture
    def run_file(self, corpus: TinyCorpus, audio: AudioSettings, tmp_path: Path) -> Path:
        """run.yaml модели контракта: чекпоинт каждые две итерации."""
        data = {
            "train": str(corpus.train),
            "validation": str(corpus.validation),
            "frontend": self.frontend_use,
            "audio": audio.model_dump(),
        }
        trainer = {
            "batch_size": self.batch_size,
            "iters_per_checkpoint": 2,
            "log_interval": 1,
            "max_iterations": 10**6,
        }
        model = {"use": self.plugin, **self.options}
        return write_config(tmp_path, {"data": data, "model": model, "trainer": trainer})

    def test_train_obeys_sigint_and_continues_from_there(self, run_file: Path) -> None:
        folder = run_file.parent / "output" / "tiny"
        with _train(run_file) as process:
            self._wait(lambda: newest(folder) or process.poll() is not None)
            process.send_signal(signal.SIGINT)
            code = _code(process, self.sigint_seconds, "SIGINT does not end 'ttsf train'")
        demand(
            code == ExitCode.INTERRUPTED,
            f"SIGINT ended 'ttsf train' with code {code}: {_told(run_file)}",
            "keep no signal handlers and no threads that outlive close()",
        )
        saved = newest(folder)
        demand(saved, "no checkpoint is left after SIGINT", "save() must write where it is told")
        assert saved is not None
        last = int(saved.name.rpartition("_")[2])
        with _train(run_file, "--until_iteration", str(last + 2)) as process:
            again = _code(
                process, self.patience_seconds, f"'ttsf train' does not end from {saved.name}"
            )
        demand(
            again == ExitCode.OK and (folder / f"checkpoint_{last + 2}").exists(),
            f"'ttsf train' did not continue from {saved.name}: {_told(run_file)}",
            "load() must take what save() wrote in another process",
        )

    def _wait(self, ready: Any) -> None:
        deadline = time.monotonic() + self.patience_seconds
        while not ready():
            late = time.monotonic() > deadline
            text = f"no checkpoint in {self.patience_seconds:g} s"
            demand(not late, text, "make the model of the contract smaller")
            time.sleep(0.05)


def _code(process: subprocess.Popen[bytes], seconds: float, problem: str) -> int:
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        advice = "a step must end by itself, and signals belong to ttsf"
        raise Broken(f"{problem} in {seconds:g} s", advice) from None


@contextmanager
def _train(config: Path, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tts_framework", "train", "--config", str(config), *more]
    with open(config.with_name(_LOG), "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=config.parent)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _told(config: Path) -> str:
    """Верни последние слова программы."""
    lines = config.with_name(_LOG).read_text(errors="replace").strip().splitlines()
    return " | ".join(lines[-3:])
