"""Сервер MLflow убит и поднят снова, пока обучение и подстройка идут: ничего не потеряно."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tts_framework.checkpoints import iteration_of, newest
from tts_framework.components import TrialSource
from tts_framework.config import Settings
from tts_framework.events import RunStarted, RunStopped, TrialFinished, TrialStarted
from tts_framework.smart_tuner.mlflow_mirror import MlflowMirror
from tts_framework.tracking.spool import Spool, recorded_run
from tts_framework.training.tensorboard_watcher import EventReader

SERVE = (
    "import sys; from werkzeug.serving import run_simple; from mlflow.server import app;"
    " run_simple('127.0.0.1', int(sys.argv[1]), app)"
)


class MLflowServer:
    """Настоящее приложение MLflow на loopback; `kill` — SIGKILL."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.uri = f"http://127.0.0.1:{self.port}"
        self._environ = {
            **os.environ,
            "_MLFLOW_SERVER_FILE_STORE": f"sqlite:///{folder / 'mlflow.db'}",
            "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
            "_MLFLOW_SERVER_ARTIFACT_DESTINATION": str(folder / "artifacts"),
            "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(self.port)],
            env=self._environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(self.answers, 60)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.uri}/health", timeout=2) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


def wait_for(found: Callable[[], Any], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def server(tmp_path: Path, mlflow_template: Path) -> Iterator[MLflowServer]:
    folder = tmp_path / "server"
    folder.mkdir()
    shutil.copyfile(mlflow_template, folder / "mlflow.db")
    made = MLflowServer(folder)
    made.start()
    yield made
    made.kill()


def tune_events(trial: int) -> tuple[TrialStarted, TrialFinished]:
    start, end = 10 * trial, 10 * trial + 10
    started = TrialStarted(
        trial=trial,
        kind="proposal",
        parent=None,
        checkpoint=None,
        sha256=None,
        start_iteration=start,
        end_iteration=end,
        hparams={"learning_rate": 0.1},
        reason="",
    )
    finished = TrialFinished(
        trial=trial,
        outcome="committed",
        reason="",
        end_iteration=end,
        checkpoint=None,
        sha256=None,
        value=0.5,
        score=None,
        forecast=None,
        forecast_std=None,
        seconds=1.0,
    )
    return started, finished


@pytest.mark.slow
@pytest.mark.no_cover
def test_training_and_tuning_go_on_and_nothing_is_lost(
    server: MLflowServer, tiny_run: Callable[..., Path], tmp_path: Path
) -> None:
    import mlflow

    client = mlflow.MlflowClient(tracking_uri=server.uri)
    tracking = {"tracking_uri": server.uri}
    config = tiny_run(
        model={"sleep_seconds": 0.005},
        trainer={"max_iterations": 100_000},
        loggers=[{"use": "tensorboard"}, {"use": "mlflow"}],
        mlflow=tracking,
    )
    folder = tmp_path / "output/tiny"
    said: list[str] = []
    mirror = MlflowMirror(
        Settings.model_validate({"mlflow": tracking}), tmp_path / "tuned", said.append
    )
    mirror.handle(
        RunStarted(
            run="tuned",
            seed=1,
            strategy="continue",
            optimizer="keep",
            objective={},
            space={},
            base={},
            version="0",
        )
    )
    trainer = subprocess.Popen(
        [sys.executable, "-m", "tts_framework", "train", "--config", config],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(lambda: (run := recorded_run(folder)) and client.get_run(run).data.metrics)
        mirror.handle(tune_events(0)[0])
        child = tmp_path / "tuned/checkpoints/trial_0000"
        wait_for(lambda: recorded_run(child))

        server.kill()
        before = iteration_of(newest(folder) or Path("0"))
        mirror.handle(tune_events(0)[1])
        mirror.handle(tune_events(1)[0])
        spool = Spool(child)
        spool.append({"metrics": {"training.loss": 0.25}, "step": 5, "at": 1.0})
        wait_for(lambda: iteration_of(newest(folder) or Path("0")) >= before + 200)
        server.start()

        trainer.send_signal(signal.SIGINT)
        output, _ = trainer.communicate(timeout=60)
        assert "will be sent later" in output and "answers again" in output
    finally:
        trainer.kill()
        trainer.communicate()
    mirror.handle(RunStopped(reason="done", finished=True))
    mirror.close(60.0)
    assert "answers again" in said[-1]

    source = TrialSource(0, folder, folder / "tb", "", {"validation.loss": "val_loss"})
    written = EventReader(source).read()
    run_id = str(recorded_run(folder))
    for tag in ("training.loss", "val_loss", "learning.rate"):
        sent = [(p.step, p.value) for p in client.get_metric_history(run_id, tag)]
        assert sent == [(m.step, m.value) for m in written if m.tag == tag]
    assert client.get_run(run_id).info.status == "KILLED"
    assert [a.path for a in client.list_artifacts(run_id)] == ["best_model.ckpt"]
    tuned = client.get_run(str(recorded_run(child)))
    assert tuned.data.metrics == {"training.loss": 0.25, "value": 0.5}
    assert tuned.info.status == "FINISHED"
    assert recorded_run(tmp_path / "tuned/checkpoints/trial_0001")
