from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., Path]


def ttsf(*arguments: object, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tts_framework", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "200", "TERM": "dumb", **environ},
    )


def test_help_names_the_reference_flags_and_shows_examples() -> None:
    shown = ttsf("train", "--help").stdout

    for flag in ("-o", "-l", "-c", "--warm_start", "--hparams", "--until_iteration", "--config"):
        assert flag in shown
    assert "ttsf train --config run.yaml" in shown


@pytest.mark.parametrize(
    "flags",
    [
        ("--output_directory", "--checkpoint_path", "--until_iteration"),
        ("--output-directory", "--checkpoint-path", "--until-iteration"),
        ("-o", "-c", "--until_iteration"),
    ],
)
def test_both_spellings_of_the_flags_are_understood(
    tiny_run: Run, tmp_path: Path, flags: tuple[str, str, str]
) -> None:
    config, (out, checkpoint, until) = tiny_run(), flags
    first = ttsf("train", "--config", config, out, tmp_path / "a", until, 50)
    assert first.returncode == 0, first.stderr

    start = tmp_path / "a/checkpoint_50"
    second = ttsf("train", "--config", config, out, tmp_path / "b", checkpoint, start, until, 100)

    assert second.returncode == 0, second.stderr
    assert [p.name for p in (tmp_path / "b").glob("checkpoint_*")] == ["checkpoint_100"]
    assert "at iteration 50" in second.stdout


def test_settings_can_be_overridden(tiny_run: Run, tmp_path: Path) -> None:
    override = "trainer.max_iterations=20"

    done = ttsf("train", "--config", tiny_run(), "--set", override, "--skip-bad")

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "output/tiny/checkpoint_20").exists()


def test_logs_go_under_the_output_folder_unless_absolute(tiny_run: Run, tmp_path: Path) -> None:
    config, out = tiny_run(), tmp_path / "out"
    ttsf("train", "--config", config, "-o", out, "-l", "logs", "--until_iteration", 20)
    elsewhere = tmp_path / "elsewhere"
    done = ttsf("train", "--config", config, "-o", out, "-l", elsewhere, TTSF_TRIAL="0007")

    assert done.returncode == 0, done.stderr
    assert any((out / "logs").iterdir())
    (events,) = elsewhere.iterdir()
    assert events.name.endswith(".trial_0007")


def test_a_stretch_under_a_tuner_imports_nothing_heavy(tiny_run: Run, tmp_path: Path) -> None:
    loggers = [{"use": "tensorboard"}, {"use": "mlflow"}]
    code = (
        "import sys, atexit; sys.argv = ['ttsf', *sys.argv[1:]]\n"
        "heavy = {'torch', 'mlflow', 'librosa', 'optuna', 'rich'}\n"
        "atexit.register(lambda: print('imported', heavy & set(sys.modules)))\n"
        "from tts_framework.cli.main import run; run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "train", "--config", tiny_run(loggers=loggers)],
        capture_output=True,
        text=True,
        env={**os.environ, "TTSF_TRIAL": "0000", "TTSF_MLFLOW_RUN_FILE": str(tmp_path / "run")},
    )

    assert "imported set()" in done.stdout, done.stdout + done.stderr
    assert (tmp_path / "output/tiny/.mlflow-spool.jsonl").exists()


def test_a_missing_config_is_one_line(tmp_path: Path) -> None:
    done = ttsf("train", "--config", tmp_path / "nothing.yaml")

    assert done.returncode == 2
    assert "nothing.yaml" in done.stderr and "Traceback" not in done.stderr
