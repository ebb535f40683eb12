"""`ttsf history` и `ttsf tune` глазами человека."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest


def ttsf(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tts_framework", *words],
        cwd=folder,
        env={**os.environ, "COLUMNS": "160", **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, write_run: Any) -> tuple[Path, str]:
    """Доведи один запуск до конца; верни его рабочую папку и вывод."""
    folder = tmp_path_factory.mktemp("run")
    config = write_run(folder, tuner={"n_trials": 3})
    result = ttsf(folder, "tune", "--config", str(config))
    assert result.returncode == 0, result.stderr
    return folder, result.stdout


def test_a_run_ends_with_a_table_and_the_places_of_everything(finished: tuple[Path, str]) -> None:
    folder, out = finished
    for word in ("trial", "parent", "values", "iterations", "val_loss", "score", "outcome"):
        assert word in out
    assert "0 startup" in out and "committed" in out and "learning_rate=" in out
    assert "best_model.ckpt" in out and "tuning_history.json" in out
    assert "tensorboard --logdir" in out and "ttsf synthesize" in out
    assert (folder / "output" / "tiny" / "best_model.ckpt").exists()


def test_the_tree_shows_every_trial_and_marks_the_trunk(finished: tuple[Path, str]) -> None:
    folder, _ = finished
    result = ttsf(folder, "history", "show", "output/tiny")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert "tiny: continue, random, seed 1234" in lines[0]
    assert sum("●" in line or "○" in line for line in lines) == 3


def test_the_history_of_a_real_run_is_valid_and_printable_as_json(
    finished: tuple[Path, str],
) -> None:
    folder, _ = finished
    path = "output/tiny/tuning_history.json"
    result = ttsf(folder, "history", "validate", path)
    assert (result.returncode, result.stdout.strip()) == (0, f"{path}: valid")
    shown = json.loads(ttsf(folder, "history", "show", "output/tiny", "--json").stdout)
    assert [trial["trial"] for trial in shown["trials"]] == [0, 1, 2]


def test_a_broken_history_is_refused_line_by_line(finished: tuple[Path, str]) -> None:
    folder, _ = finished
    (folder / "broken.json").write_text('{"run": 5}')
    result = ttsf(folder, "history", "validate", "broken.json")
    assert result.returncode == 2
    assert "error: broken.json: $.run: 5 is not of type 'string'" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    result = ttsf(tmp_path, "history", "show", "nowhere")
    assert result.returncode == 2
    assert result.stderr.startswith("error: nowhere: holds no run")


def test_a_dry_run_checks_and_starts_nothing(tiny_run: Any, tmp_path: Path) -> None:
    config = tiny_run()
    result = ttsf(tmp_path, "tune", "--config", str(config), "--dry-run")
    assert result.returncode == 0, result.stderr
    assert "learning_rate" in result.stdout
    assert not (tmp_path / "output" / "tiny").exists()


def test_resume_without_a_run_is_an_error(tiny_run: Any, tmp_path: Path) -> None:
    result = ttsf(tmp_path, "tune", "--config", str(tiny_run()), "--resume")
    assert result.returncode == 2
    assert "there is no run to resume" in result.stderr


def test_ctrl_c_stops_cleanly_and_tells_how_to_continue(tiny_run: Any, tmp_path: Path) -> None:
    config = tiny_run(model={"sleep_seconds": 0.005}, tuner={"n_trials": 3})
    command = [sys.executable, "-m", "tts_framework", "tune", "--config", str(config)]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as tuner:
        assert tuner.stdout is not None
        for line in tuner.stdout:
            if "verified" in line:
                break
        tuner.send_signal(signal.SIGINT)
        rest = tuner.stdout.read()
    assert tuner.returncode == 130
    assert "saving a checkpoint and stopping" in rest
    assert f"continue with: ttsf tune --config {config}" in rest
    assert list((tmp_path / "output/tiny/checkpoints/trial_0000").glob("checkpoint_*"))
    result = ttsf(tmp_path, "tune", "--config", str(config))
    assert result.returncode == 0 and "continued after 0 trials; trial 0 was open" in result.stdout


def test_ctrl_c_twice_stops_at_once(tiny_run: Any, tmp_path: Path) -> None:
    config = tiny_run(
        model={"sleep_seconds": 0.01, "ignore_sigint": True}, trainer={"sigint_seconds": 60}
    )
    command = [sys.executable, "-m", "tts_framework", "tune", "--config", str(config)]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as tuner:
        assert tuner.stdout is not None
        for line in tuner.stdout:
            if "verified" in line:
                break
        tuner.send_signal(signal.SIGINT)
        time.sleep(1.5)
        tuner.send_signal(signal.SIGINT)
        tuner.wait(20)
    assert tuner.returncode == 130
