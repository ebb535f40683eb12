"""`ttsf trainer check`: вывод и коды завершения."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FOREIGN = """
run: foreign
output: {folder}/output
trainer:
  command: >-
    {python} -c "raise SystemExit('no corpus at /data')"
    {{output_dir}} {{checkpoint}} {{hparams}}
tuner:
  search_algorithm: random
  search_space: {{learning_rate: {{type: uniform, low: 0.1, high: 0.2}}}}
watchers: [tensorboard]
loggers: []
"""


@pytest.fixture
def run(tmp_path: Path) -> Any:
    path = tmp_path / "run.yaml"
    path.write_text(FOREIGN.format(folder=tmp_path, python=sys.executable))

    def ttsf(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tts_framework", "trainer", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)

    return ttsf


def test_a_broken_trainer_is_one_line_a_point_and_exit_code_2(run: Any, tmp_path: Path) -> None:
    done = run("check", "--config", "run.yaml", "--folder", str(tmp_path / "bench"))
    assert done.returncode == 2
    assert "fails   starts: exit code 1: no corpus at /data; nothing can be tuned" in done.stdout
    assert done.stdout.splitlines()[-1] == "1 fails"
    assert list((tmp_path / "bench").iterdir()) == [] and not (tmp_path / "output").exists()


def test_json_says_the_same(run: Any) -> None:
    done = run("check", "--config", "run.yaml", "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 2 and report["ok"] is False
    assert report["findings"][0]["point"] == "starts"


def test_help_shows_examples(run: Any) -> None:
    done = run("check", "--help")
    assert done.returncode == 0 and "ttsf trainer check --config run.yaml" in done.stdout


def test_a_config_that_is_wrong_is_refused_before_anything_starts(run: Any) -> None:
    done = run("check", "--config", "run.yaml", "--set", "trainer.hparams_format=xml")
    assert done.returncode == 2 and "error: --set trainer.hparams_format=xml" in done.stderr
