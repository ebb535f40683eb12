"""`ttsf train` с моделью: начинается, слушается SIGINT, продолжает с сохранённого."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tts_framework.checkpoints import newest
from tts_framework.components import AudioSettings
from tts_framework.errors import ExitCode
from tts_framework.testing.corpus import TinyCorpus
from tts_framework.testing.demand import demand
from tts_framework.testing.tuning import write_config

_SECONDS = 120.0


class TrainingCommand:
    """Часть контракта модели: программа `ttsf train` как отдельный процесс."""

    plugin: ClassVar[str]
    options: ClassVar[dict[str, Any]]
    frontend_use: ClassVar[dict[str, Any]]
    batch_size: ClassVar[int]

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
        with open(run_file.parent / "train.log", "w+b") as log:
            process = _train(run_file, log)
            try:
                _wait(lambda: newest(folder) or process.poll() is not None)
                process.send_signal(signal.SIGINT)
                code = process.wait(_SECONDS)
            finally:
                process.kill()
            log.seek(0)
            told = log.read().decode(errors="replace").strip().splitlines()[-3:]
        demand(
            code == ExitCode.INTERRUPTED,
            f"SIGINT ended 'ttsf train' with code {code}: {' | '.join(told)}",
            "keep no signal handlers and no threads that outlive close()",
        )
        saved = newest(folder)
        demand(saved, "no checkpoint is left after SIGINT", "save() must write where it is told")
        assert saved is not None
        last = int(saved.name.rpartition("_")[2])
        with open(run_file.parent / "again.log", "w+b") as log:
            again = _train(run_file, log, "--until_iteration", str(last + 2)).wait(_SECONDS)
            log.seek(0)
            told = log.read().decode(errors="replace").strip().splitlines()[-3:]
        demand(
            again == ExitCode.OK and (folder / f"checkpoint_{last + 2}").exists(),
            f"'ttsf train' did not continue from {saved.name}: {' | '.join(told)}",
            "load() must take what save() wrote in another process",
        )


def _train(config: Path, log: Any, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tts_framework", "train", "--config", str(config), *more]
    return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=config.parent)


def _wait(ready: Any) -> None:
    deadline = time.monotonic() + _SECONDS
    while not ready():
        demand(time.monotonic() < deadline, "no checkpoint in two minutes", "make it smaller")
        time.sleep(0.05)
