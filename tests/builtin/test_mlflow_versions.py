"""Версии данных за настоящим сервером MLflow: по HTTP, с перебоями, и в локальной базе."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tts_framework.builtin.mlflow import MLflowVersions
from tts_framework.errors import DataError, TTSFError
from tts_framework.speech.versions import records
from tts_framework.speech.versions.checkout import checkout
from tts_framework.speech.versions.saving import save

SERVE = (
    "import sys; from werkzeug.serving import run_simple; from mlflow.server import app;"
    " run_simple('127.0.0.1', int(sys.argv[1]), app, threaded=True)"
)


class MLflowServer:
    """Настоящее приложение MLflow с `--serve-artifacts` на loopback."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.uri = f"http://127.0.0.1:{self.port}"
        self.artifacts = folder / "artifacts"
        self._environ = {
            **os.environ,
            "_MLFLOW_SERVER_FILE_STORE": f"sqlite:///{folder / 'mlflow.db'}",
            "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
            "_MLFLOW_SERVER_ARTIFACT_DESTINATION": str(self.artifacts),
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
        deadline = time.monotonic() + 60
        while not self._answers():
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def _answers(self) -> bool:
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

    def object_of(self, path: Path) -> Path:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        (found,) = self.artifacts.glob(f"*/objects/{digest[:2]}/{digest}")
        return found


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, mlflow_template: Path
) -> Iterator[MLflowServer]:
    folder = tmp_path_factory.mktemp("server")
    shutil.copyfile(mlflow_template, folder / "mlflow.db")
    server = MLflowServer(folder)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder, chance = tmp_path / "voice", random.Random(str(tmp_path))
    (folder / "wavs").mkdir(parents=True)
    for number in range(12):
        (folder / f"wavs/клип {number}.wav").write_bytes(chance.randbytes(20_000))
    return folder


def store(uri: str, experiment: str) -> MLflowVersions:
    config = MLflowVersions.Config(tracking_uri=uri, experiment=experiment)
    return MLflowVersions(config)


def wavs(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("wavs/*.wav")}


def test_versions_live_on_a_server(server: MLflowServer, corpus: Path, tmp_path: Path) -> None:
    there = store(server.uri, "there")
    first = save(corpus, there, message="first")
    (corpus / "wavs/клип 3.wav").write_bytes(b"other")
    second = save(corpus, there)
    assert (first.stored, second.stored) == (13, 2)
    assert not save(corpus, store(server.uri, "there")).new

    checkout(store(server.uri, "there"), first.record, tmp_path / "out")
    assert wavs(tmp_path / "out").keys() == wavs(corpus).keys()
    assert (tmp_path / "out/wavs/клип 3.wav").read_bytes() != b"other"
    checkout(there, second.record, tmp_path / "out")
    assert wavs(tmp_path / "out") == wavs(corpus)
    assert [record.message for record in records.read(there)[0]] == ["first", ""]


def test_damaged_missing_and_half_uploaded_objects(
    server: MLflowServer, corpus: Path, tmp_path: Path
) -> None:
    there = store(server.uri, "damaged")
    record = save(corpus, there).record
    server.object_of(corpus / "wavs/клип 1.wav").write_bytes(b"\0" * 20_000)
    server.object_of(corpus / "wavs/клип 2.wav").unlink()
    server.object_of(corpus / "wavs/клип 3.wav").write_bytes(b"half")

    with pytest.raises(DataError) as caught:
        checkout(there, record, tmp_path / "out")
    assert [problem.split(": ")[1] for problem in caught.value.problems] == [
        f"wavs/клип {n}.wav" for n in (1, 2, 3)
    ]
    assert len(wavs(tmp_path / "out")) == 9

    assert save(corpus, there, verify=True).stored == 3
    checkout(there, record, tmp_path / "out")
    assert wavs(tmp_path / "out") == wavs(corpus)


class Doomed(MLflowVersions):
    """Сервер умирает после стольких обменов содержимым."""

    server: MLflowServer
    left = 5

    def put(self, digest: str, staged: Path) -> None:
        self._count()
        super().put(digest, staged)

    def get(self, digest: str, path: Path) -> None:
        self._count()
        super().get(digest, path)

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.server.kill()


@pytest.mark.long
def test_a_server_that_goes_away_is_an_error_and_the_work_goes_on_later(
    server: MLflowServer, corpus: Path, tmp_path: Path
) -> None:
    doomed = Doomed(Doomed.Config(tracking_uri=server.uri, experiment="doomed"))
    doomed.server, doomed.workers = server, 1

    with pytest.raises(TTSFError, match="does not answer: .*run the same command again"):
        save(corpus, doomed)
    server.start()
    there = store(server.uri, "doomed")
    assert records.read(there) == ([], 0)
    saved = save(corpus, there)
    assert saved.new and 0 < saved.stored < 13

    doomed.left = 5
    with pytest.raises(TTSFError, match="does not answer"):
        checkout(doomed, saved.record, tmp_path / "out")
    assert 0 < len(wavs(tmp_path / "out")) < 12
    server.start()
    assert checkout(there, saved.record, tmp_path / "out").written < 12
    assert wavs(tmp_path / "out") == wavs(corpus)


def test_a_password_in_the_address_is_never_shown() -> None:
    with pytest.raises(TTSFError) as caught:
        store("http://me:secret@127.0.0.1:9", "x").records()
    assert "secret" not in str(caught.value)


def test_the_address_comes_from_the_environment(
    mlflow_uri: str, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)
    saved = save(corpus, MLflowVersions(MLflowVersions.Config()))
    assert [r.id for r in records.read(store(mlflow_uri, "ttsf-datasets"))[0]] == [saved.record.id]


def test_a_local_version_is_a_run_with_its_totals(
    mlflow_uri: str, corpus: Path, tmp_path: Path
) -> None:
    import mlflow

    record = save(corpus, store(mlflow_uri, "local"), message="why").record
    client = mlflow.MlflowClient(mlflow_uri)
    (run,) = client.search_runs([client.get_experiment_by_name("local").experiment_id])
    assert run.info.run_name == f"voice {record.short}" and run.info.status == "FINISHED"
    assert run.data.params["clips"] == "12" and run.data.tags["mlflow.note.content"] == "why"

    client.delete_run(run.info.run_id)
    assert records.read(store(mlflow_uri, "local")) == ([], 0)


def test_a_local_store_is_read_without_importing_mlflow(mlflow_uri: str, corpus: Path) -> None:
    record = save(corpus, store(mlflow_uri, "ttsf-datasets")).record
    code = (
        "import sys; from tts_framework.builtin.mlflow import MLflowVersions as V;"
        "print(len(V(V.Config(tracking_uri=sys.argv[1])).records()), 'mlflow' in sys.modules)"
    )
    command = [sys.executable, "-c", code, mlflow_uri]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["1", "False"] and record.id


def test_a_database_of_another_kind_is_asked_through_mlflow(
    mlflow_uri: str, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tts_framework.tracking import datasets

    record = save(corpus, store(mlflow_uri, "x")).record
    monkeypatch.setattr(datasets, "_RECORDS", "SELECT nothing FROM nowhere")
    monkeypatch.setattr(datasets, "_LOCATION", "SELECT nothing FROM nowhere")
    found: Any = store(mlflow_uri, "x")
    assert [r.id for r in records.read(found)[0]] == [record.id]
    assert found.missing({record.id: record.manifest_bytes}) == set()


def test_nothing_is_created_by_reading(tmp_path: Path) -> None:
    there = store(f"sqlite:///{tmp_path}/deep/mlflow.db", "x")
    assert there.records() == [] and not (tmp_path / "deep").exists()
