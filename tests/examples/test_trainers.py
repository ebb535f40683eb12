"""Тренеры из `examples/trainers` — настоящие программы, и `ttsf tune` их подстраивает."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2] / "examples" / "trainers"


def ttsf(folder: Path, *arguments: str) -> str:
    """Запусти `ttsf` в папке примера так, как это сделал бы читатель README."""
    here = str(Path(sys.executable).parent)
    environ = {
        **os.environ,
        "PATH": os.pathsep.join([here, os.environ["PATH"]]),
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", "tts_framework", *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("espeakng_loader", reason="pip install tts-framework[synthetic]")
    folder = tmp_path_factory.mktemp("corpus")
    ttsf(folder, "data", "get", "synthetic", "--dest", "synthetic", "--limit", "16")
    return folder / "synthetic"


def example(name: str, corpus: Path, tmp_path: Path) -> Path:
    folder = tmp_path / name
    shutil.copytree(ROOT / name, folder)
    (folder / "data").mkdir()
    (folder / "data" / "synthetic").symlink_to(corpus)
    return folder


def tuned(folder: Path, *overrides: str) -> dict[str, Any]:
    """Подстрой и верни историю; все trial-ы продолжают родителя и сверены."""
    sets = [word for override in overrides for word in ("--set", override)]
    text = ttsf(folder, "tune", "--config", "run.yaml", *sets)
    assert "cannot verify" not in text and "did not continue" not in text, text
    (history,) = folder.glob("output/*/tuning_history.json")
    document: dict[str, Any] = json.loads(history.read_text())
    trials = document["trials"]
    assert trials[0]["outcome"] == "committed", text
    assert {trial["outcome"] for trial in trials} <= {"committed", "rolled_back"}, text
    for trial in trials[1:]:
        assert trial["start_iteration"] == trials[trial["parent"]]["end_iteration"] > 0
    assert (history.parent / "best_model.ckpt").exists()
    return document


def test_reference_style(corpus: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="pip install torch")
    folder = example("reference_style", corpus, tmp_path)
    document = tuned(folder, "tuner.n_trials=2", "tuner.n_startup_iters=20", "tuner.trial_iters=20")
    first, second = (trial["value"] for trial in document["trials"])
    assert second < first


def test_argparse_and_yaml(corpus: Path, tmp_path: Path) -> None:
    folder = example("argparse_yaml", corpus, tmp_path)
    document = tuned(folder, "tuner.n_trials=3")
    assert len(document["trials"]) == 3
    records = (folder / "output/argparse-yaml/checkpoints/trial_0001/metrics.jsonl").read_text()
    rate = json.loads(records.splitlines()[0])["train"]["lr"]
    assert rate == document["trials"][1]["hparams"]["learning_rate"]


@pytest.mark.long
def test_hydra_and_lightning(corpus: Path, tmp_path: Path) -> None:
    for module in ("hydra", "lightning"):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"no {module}: pip install -r examples/trainers/requirements.txt")
    folder = example("hydra_lightning", corpus, tmp_path)
    document = tuned(folder, "tuner.n_trials=2", "tuner.n_startup_iters=40")
    assert not (folder / "outputs").exists()
    assert document["trials"][1]["end_iteration"] == 80


def test_the_contract_holds_for_an_example(corpus: Path, tmp_path: Path) -> None:
    folder = example("argparse_yaml", corpus, tmp_path)
    before = sorted(folder.rglob("*"))
    text = ttsf(folder, "trainer", "check", "--config", "run.yaml", "--json")
    report = json.loads(text[text.index("{") :])
    assert {finding["state"] for finding in report["findings"]} == {"holds"}, text
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("name", ["reference_style", "argparse_yaml", "hydra_lightning"])
def test_every_example_is_told_about(name: str) -> None:
    text = (ROOT / name / "README.md").read_text()
    assert "ttsf tune --config run.yaml" in text and "ttsf trainer check" in text
    assert (
        f"trainers/{name}" in (ROOT.parents[1] / "docs" / "how-to" / "own-trainer.md").read_text()
    )
