"""`ttsf data version` целиком и его след в обучении и подстройке."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tts_framework import config_file, plan
from tts_framework.cli.data import app
from tts_framework.errors import ConfigError, DataError, PluginError, TTSFError
from tts_framework.plugins import Plugins
from tts_framework.speech.corpora import table
from tts_framework.speech.corpora.table import Row
from tts_framework.speech.versions import marks

RUNNER = CliRunner()


@pytest.fixture
def version(mlflow_uri: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Выполни `ttsf data version ...` с локальной базой."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)

    def run(*arguments: object) -> str:
        words = ["version", *map(str, arguments)]
        result = RUNNER.invoke(app, words, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout

    return run


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "voice"
    (folder / "wavs").mkdir(parents=True)
    for number in range(3):
        table.wav(folder, f"c{number}").write_bytes(random.Random(number).randbytes(1000))
    table.write(folder, [Row(f"c{n}", f"Текст {n}", 1.5, "a") for n in range(3)])
    return folder


def id_of(corpus: Path) -> str:
    mark = marks.read(corpus)
    assert mark is not None
    return mark.id


def test_the_whole_way_there_and_back(
    version: Callable[..., str], corpus: Path, tmp_path: Path
) -> None:
    said = version("save", corpus, "-m", "first words")
    old = id_of(corpus)
    assert said == f"{old[:12]} voice saved: 3 clips, 0.1 min, 0.0 MB, 5 new objects (0.0 MB)\n"
    assert "is already saved, nothing changed" in version("save", corpus)

    table.write(corpus, [Row("c0", "Текст 0", 1.5, "a"), Row("c1", "Друг+ой", 1.5, "a")])
    table.wav(corpus, "c2").unlink()
    (corpus / "notes.md").write_text("x")
    assert "not a part of the version: notes.md" in version("save", corpus)
    new = id_of(corpus)

    listed = version("list", corpus).splitlines()
    assert listed[0].startswith(f"  {old[:12]}") and listed[0].endswith("first words")
    assert listed[1].startswith(f"* {new[:12]}") and len(listed) == 2
    assert "no versions yet" in version("list", "--name", "other")

    shown = version("show", new[:6])
    assert f"parent   {old}" in shown and "wavs/ 2 files" in shown

    said = version("diff", old[:6], corpus)
    assert "0 added, 1 removed, 1 changed, -1.5 s" in said
    assert "- c2\n~ c1: text\n    text: - Текст 1\n    text: + Друг+ой\n" in said
    assert "no difference" in version("diff", corpus, "voice")

    out = tmp_path / "out"
    assert "5 files written" not in version("checkout", old, "--out", out)
    assert {path.name for path in out.glob("wavs/*")} == {"c0.wav", "c1.wav", "c2.wav"}
    (out / "wavs/extra.wav").write_bytes(b"x")
    assert "1 removed\n1 file(s) that are not in the version were kept: wavs/extra.wav" in version(
        "checkout", new, "--out", out
    )


def test_json_is_complete(version: Callable[..., str], corpus: Path) -> None:
    version("save", corpus, "--name", "v")
    id = id_of(corpus)
    (record,) = json.loads(version("list", "--json"))
    assert (record["id"], record["name"], record["clips"]) == (id, "v", 3)
    shown = json.loads(version("show", "v", "--json"))
    assert [file["path"] for file in shown["files"]][0] == "metadata.csv"
    difference = json.loads(version("diff", "v", corpus, "--json"))
    assert difference["added"] == difference["changed"] == []


def test_a_folder_is_the_files_on_disk_even_from_inside(
    version: Callable[..., str], corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version("save", corpus)
    monkeypatch.chdir(corpus)
    assert "no difference" in version("diff", id_of(corpus), ".")


def test_the_server_can_come_from_run_yaml(
    version: Callable[..., str],
    corpus: Path,
    mlflow_uri: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    config = tmp_path / "settings.yaml"
    config.write_text(f"mlflow: {{tracking_uri: '{mlflow_uri}'}}\n")
    version("save", corpus, "--config", config)
    assert id_of(corpus)[:12] in version("list", "--set", f"tracking_uri={mlflow_uri}")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (["show", "feedbeef"], DataError, "feedbeef: no such version"),
        (["checkout", "feedbeef", "--out", "x"], DataError, "no such version"),
        (["save", "absent"], DataError, "absent: cannot be read"),
        (["list", "--use", "nothing"], PluginError, "no such versions plugin"),
        (["list", "--use", "energy"], PluginError, "energy"),
        (["list", "--set", "experimnt=x"], ConfigError, "did you mean 'experiment'"),
        (["save", "voice", "--name", "../x"], TTSFError, "use letters"),
    ],
)
def test_a_mistake_is_one_line_with_the_way_out(
    version: Callable[..., str],
    corpus: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    error: type[Exception],
    message: str,
) -> None:
    monkeypatch.chdir(corpus.parent)
    with pytest.raises(error, match=message):
        version(*arguments)


def test_ctrl_c_is_obeyed_and_the_next_run_completes(corpus: Path, mlflow_uri: str) -> None:
    command = [sys.executable, "-m", "tts_framework", "data", "version", "save", str(corpus)]
    environ = {**os.environ, "MLFLOW_TRACKING_URI": mlflow_uri}
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while not (corpus / ".version-digests.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode in (0, 130) and b"Traceback" not in said
    done = subprocess.run(command, env=environ, capture_output=True, text=True)
    assert done.returncode == 0 and "3 clips" in done.stdout, done.stderr


# --- обучение и подстройка ----------------------------------------------------------------------


@pytest.fixture
def versioned(version: Callable[..., str], tiny_run: Callable[..., Path], tmp_path: Path) -> Path:
    """run.yaml модели `tiny`, данные которой сохранены версией."""
    mlflow = {"use": "mlflow", "close_seconds": 120}  # не дождавшись, журнал отложил бы отправку
    config = tiny_run(loggers=[mlflow], trainer={"max_iterations": 50})
    version("save", tmp_path / "data")
    return config


def build(config: Path) -> Any:
    return plan.from_file(config_file.read(config, environ=os.environ), Plugins())


def test_the_plan_tells_the_version_and_warns_of_changes(versioned: Path, tmp_path: Path) -> None:
    id = id_of(tmp_path / "data")
    built = build(versioned)
    assert built.data_version == id and f"version {id}" in plan.describe(built)
    assert not [note for note in built.notes if "data.version" in note]

    with open(tmp_path / "data/wavs/train_1.wav", "ab") as file:
        file.write(b"\0\0")
    built = build(versioned)
    assert built.data_version == f"{id} (changed)"
    (note,) = [note for note in built.notes if "data.version" in note]
    assert "1 changed, first wavs/train_1.wav; see ttsf data version diff" in note


def runs(uri: str) -> list[Any]:
    import mlflow

    client = mlflow.MlflowClient(uri)
    experiment = client.get_experiment_by_name("ttsf")
    return list(client.search_runs([experiment.experiment_id]))


def ttsf(*arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tts_framework", *map(str, arguments)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_training_records_the_version_and_warns(
    versioned: Path, tmp_path: Path, mlflow_uri: str
) -> None:
    (tmp_path / "data/LICENSE").write_text("new")
    said = ttsf("train", "--config", versioned)
    assert "files differ from it: 1 added, first LICENSE" in said
    (run,) = runs(mlflow_uri)
    assert run.data.params["data.version"] == f"{id_of(tmp_path / 'data')} (changed)"


def test_a_tuning_records_the_version(
    tiny_run: Callable[..., Path], version: Callable[..., str], tmp_path: Path, mlflow_uri: str
) -> None:
    config = tiny_run(
        loggers=[{"use": "mlflow"}, {"use": "tensorboard"}],
        tuner={"n_trials": 1, "n_startup_iters": 50},
    )
    version("save", tmp_path / "data")
    ttsf("tune", "--config", config)

    id = id_of(tmp_path / "data")
    assert {run.data.params.get("data.version") for run in runs(mlflow_uri)} == {id}
    history = tmp_path / "output/tiny/tuning_history.json"
    assert json.loads(history.read_text())["data"] == {"version": id}
    from tts_framework.smart_tuner.history import problems

    assert problems(history) == []
