"""install.sh: шаги, справка, повторный вызов и понятные отказы.

Настоящая установка проверяется самим `./install.sh test`; здесь вместо интерпретатора в `.venv`
лежат записывающие вызовы сценарии: установка длится минуты.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
RECORD = '#!/bin/sh\necho "$(basename "$0") $*" >> "$(dirname "$0")/../../calls"\n'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("install.sh", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    for plugin in (ROOT / "plugins").iterdir():
        if (plugin / "pyproject.toml").exists():
            (tmp_path / "plugins" / plugin.name).mkdir(parents=True)
            shutil.copy(plugin / "pyproject.toml", tmp_path / "plugins" / plugin.name)
    bin_folder = tmp_path / ".venv" / "bin"
    bin_folder.mkdir(parents=True)
    for program in ("python", "ttsf"):
        (bin_folder / program).write_text(RECORD)
        (bin_folder / program).chmod(0o755)
    return tmp_path


def install(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", str(folder / "install.sh"), *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **environ},
        cwd="/",
    )


def calls(folder: Path) -> list[str]:
    path = folder / "calls"
    return path.read_text().splitlines() if path.exists() else []


def installations(folder: Path) -> list[str]:
    """Верни установки пакетов проекта: сборщик, который ставится перед ними, не в счёт."""
    return [call for call in calls(folder) if " -e ." in call]


def test_help_names_every_step_with_its_number_and_installs_nothing(checkout: Path) -> None:
    done = install(checkout, "--help")
    assert done.returncode == 0
    steps = "setup data train tune synthesize monitor test demo".split()
    for number, step in enumerate(steps, start=1):
        assert f"  {number} {step}" in done.stdout
    assert calls(checkout) == []


def test_without_a_terminal_and_a_step_the_help_is_shown(checkout: Path) -> None:
    done = install(checkout)
    assert done.returncode == 2 and "Usage: ./install.sh STEP" in done.stdout


@pytest.mark.parametrize("step", ["0", "9", "2.0", "2.9", "traim", "33"])
def test_an_unknown_step_is_refused(checkout: Path, step: str) -> None:
    done = install(checkout, step)
    assert done.returncode == 2 and done.stderr.endswith(f"error: {step}: no such step\n")


@pytest.mark.parametrize(
    ("step", "command"), [("3", "train"), ("train", "train"), ("4", "tune"), ("5", "synthesize")]
)
def test_step_three_is_training_and_arguments_go_through(
    checkout: Path, step: str, command: str
) -> None:
    assert install(checkout, step, "--config", "a b.yaml").returncode == 0
    assert calls(checkout)[-1] == f"ttsf {command} --config a b.yaml"


def test_setup_installs_core_and_plugins_with_pinned_versions_once(checkout: Path) -> None:
    assert install(checkout, "1").returncode == 0
    (call,) = installations(checkout)
    for word in ("-c constraints.txt", "-e .[synthetic]", "plugins/tacotron2", "optuna_engine"):
        assert word in call
    install(checkout, "setup")
    assert len(installations(checkout)) == 1


def test_the_build_backend_is_installed_once_before_everything(checkout: Path) -> None:
    install(checkout, "setup")
    tools, packages = calls(checkout)
    assert "-c constraints.txt --upgrade pip hatchling editables" in tools
    assert "--no-build-isolation" in packages


def test_a_changed_dependency_installs_again(checkout: Path) -> None:
    install(checkout, "setup")
    with open(checkout / "constraints.txt", "a") as file:
        file.write("# changed\n")
    install(checkout, "setup")
    assert len(installations(checkout)) == 2


def test_tools_for_tests_come_only_when_asked_and_stay(checkout: Path) -> None:
    install(checkout, "setup")
    install(checkout, "setup", "--dev")
    install(checkout, "setup")
    assert ["dev" in call for call in installations(checkout)] == [False, True]


def test_a_plugin_asked_for_once_stays(checkout: Path) -> None:
    install(checkout, "setup")
    install(checkout, "setup", "--with", "dvc,espeak")
    install(checkout, "setup")
    install(checkout, "setup", "--with", "espeak")
    assert ["plugins/dvc" in call for call in installations(checkout)] == [False, True]


def test_an_unknown_plugin_is_refused_before_anything_is_installed(checkout: Path) -> None:
    done = install(checkout, "setup", "--with", "vits")
    assert done.returncode == 2 and "plugins/vits: no such plugin" in done.stderr
    assert calls(checkout) == []


@pytest.mark.parametrize(
    ("step", "command"),
    [("2.1", "segment"), ("2.4", "check"), ("split", "split"), ("version", "version")],
)
def test_every_step_of_making_a_corpus_is_a_step_here(
    checkout: Path, step: str, command: str
) -> None:
    assert install(checkout, step, "some corpus").returncode == 0
    assert calls(checkout)[-1] == f"ttsf data {command} some corpus"


@pytest.mark.parametrize("step", ["transcribe", "2.8"])
def test_a_step_that_listens_installs_the_transcriber(checkout: Path, step: str) -> None:
    assert install(checkout, step, "x").returncode == 0
    assert "plugins/whisper" in installations(checkout)[0]


def test_a_failed_installation_is_tried_again(checkout: Path) -> None:
    python = checkout / ".venv" / "bin" / "python"
    python.write_text(f"{RECORD}exit 1\n")
    done = install(checkout, "setup")
    assert done.returncode == 2 and "error: installation failed" in done.stderr
    python.write_text(RECORD)
    assert install(checkout, "setup").returncode == 0


def test_an_old_python_is_refused_with_the_way_out(checkout: Path, tmp_path: Path) -> None:
    shutil.rmtree(checkout / ".venv")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("bash", "cat", "cksum", "dirname"):
        (programs / name).symlink_to(shutil.which(name) or name)
    done = install(checkout, "setup", PATH=str(programs))
    assert done.returncode == 2
    assert "no Python 3.11 or newer" in done.stderr and "TTSF_PYTHON" in done.stderr


def test_the_script_needs_no_root_and_is_executable() -> None:
    text = (ROOT / "install.sh").read_text()
    assert "sudo" not in text and os.access(ROOT / "install.sh", os.X_OK)


def test_every_dependency_is_pinned_without_local_builds() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all("==" in pin and "+" not in pin and "/" not in pin for pin in pins)
    assert {"torch", "mlflow", "optuna", "pytest"} <= {pin.split("==")[0] for pin in pins}
