"""Встроенные плагины проходят те же контракты, что и чужие."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tts_framework.components import LogTarget, TrialSource
from tts_framework.events import Metric
from tts_framework.testing import (
    AlerterContract,
    CorpusContract,
    DetectorContract,
    FrontendContract,
    LayoutContract,
    LoggerContract,
    OptimizerContract,
    StopperContract,
    StoreContract,
    WatcherContract,
)

PASSWORD = "pa55word-of-the-contract"


class TestCosine(OptimizerContract):
    plugin = "cosine"


class TestWsd(OptimizerContract):
    plugin = "wsd"


class TestPlateau(OptimizerContract):
    plugin = "plateau"


class TestPatience(StopperContract):
    plugin = "patience"


class TestMinLearningRate(StopperContract):
    plugin = "min_learning_rate"


class TestMaxRuntime(StopperContract):
    plugin = "max_runtime"
    options = {"max_runtime_hours": 1.0}


class TestNTrials(StopperContract):
    plugin = "n_trials"
    options = {"n_trials": 10}


class TestMaxFailures(StopperContract):
    plugin = "max_failures"


class TestDivergence(StopperContract):
    plugin = "divergence"


class TestSqlite(StoreContract):
    plugin = "sqlite"


class TestConsole(AlerterContract):
    plugin = "console"


class TestEmail(AlerterContract):
    plugin = "email"
    options = {"host": "localhost", "sender": "a@example.org", "to": ["b@example.org"]}
    secrets = (PASSWORD,)

    def reach(self, host: str, port: int) -> dict[str, Any]:
        address = {"host": host, "port": port, "timeout_seconds": 0.3}
        return {**self.options, **address, "username": "robot", "password": PASSWORD}


class TestTensorBoardWatcher(WatcherContract):
    plugin = "tensorboard"

    def log(self, source: TrialSource, metrics: Sequence[Metric]) -> None:
        from tts_framework.training.tensorboard_logger import EventLog

        log = EventLog(LogTarget("run", source.output_dir, source.log_directory, "", 0))
        for metric in metrics:
            log.scalars(metric.step, {metric.tag: metric.value})
        log.close()


class TestJsonLines(WatcherContract):
    plugin = "jsonlines"

    def log(self, source: TrialSource, metrics: Sequence[Metric]) -> None:
        source.log_directory.mkdir(parents=True, exist_ok=True)
        with open(source.log_directory / "log.jsonl", "a") as file:
            for metric in metrics:
                print(json.dumps({"step": metric.step, metric.tag: metric.value}), file=file)


class TestRegex(WatcherContract):
    plugin = "regex"
    options = {"pattern": r"^(?P<step>\d+) (?P<tag>\S+) (?P<value>\S+)$", "path": "*.txt"}

    def log(self, source: TrialSource, metrics: Sequence[Metric]) -> None:
        source.log_directory.mkdir(parents=True, exist_ok=True)
        with open(source.log_directory / "log.txt", "a") as file:
            for metric in metrics:
                print(metric.step, metric.tag, repr(metric.value), file=file)


class TestTensorBoardLogger(LoggerContract):
    plugin = "tensorboard"


class TestCharacters(FrontendContract):
    plugin = "characters"
    texts = ("Hello, world!", "A cat.")


class TestRussianLetters(FrontendContract):
    plugin = "russian_letters"


class TestEnergy(DetectorContract):
    plugin = "energy"


class TestSynthetic(CorpusContract):
    plugin = "synthetic"
    offline = True


class TestRuNsh(CorpusContract):
    plugin = "ru-nsh"


class TestLJSpeech(LayoutContract):
    plugin = "ljspeech"

    def lay_out(self, folder: Path) -> int:
        (folder / "wavs").mkdir(parents=True)
        lines = []
        for number in range(3):
            (folder / "wavs" / f"LJ001-{number}.wav").write_bytes(b"")
            lines.append(f"LJ001-{number}|Hello.|Hello.")
        (folder / "metadata.csv").write_text("\n".join(lines) + "\n")
        return 3
