"""Пакет, которого нет в репозитории, написанный по руководству, в чистом окружении с колёсами."""

from __future__ import annotations

import shlex
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from environment import Environment  # noqa: E402
from execution import execute  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "en" / "plugin-guide.md"
pytestmark = [pytest.mark.slow, pytest.mark.no_cover]


def wheel(source: Path, folder: Path) -> Path:
    """Собери колесо; hatchling скачивает pip, как у любого автора."""
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder)]
    done = subprocess.run([*command, str(source)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Окружение, в котором стоит одно колесо ядра."""
    built = wheel(ROOT, tmp_path_factory.mktemp("wheels"))
    made = Environment(tmp_path_factory.mktemp("venv"))
    needs = [need for need in requires("tts-framework") or () if "extra ==" not in need]
    made.link(*needs)
    code, output = made.run(["pip", "install", "-q", "--no-index", str(built)], made.folder)
    assert code == 0, output
    return made


def test_the_core_alone_works_and_names_the_plugins_to_install(
    core: Environment, tmp_path: Path
) -> None:
    code, output = core.run(["pip", "check"], tmp_path)
    assert code == 0, output
    code, output = core.run(["ttsf", "plugins"], tmp_path)
    assert code == 0 and "random" in output and "tacotron2" not in output
    wanted = "tuner: {search_algorithm: cmaes, search_space: {}}\nalerters: [slack_alerts]\n"
    (tmp_path / "run.yaml").write_text(wanted)
    code, output = core.run(["ttsf", "tune", "--config", "run.yaml"], tmp_path)
    assert code == 2 and "Traceback" not in output
    for package in ("tacotron2", "russian", "cmaes-engine", "slack-alerts"):
        assert f"pip install ttsf-{package}'" in output, output
    code, output = core.run(["ttsf", "plugin", "check", "random"], tmp_path)
    assert code == 2 and "error: pytest is not installed; run 'pip install pytest'" in output


def test_the_package_of_the_guide_is_listed_checked_and_tunes(
    core: Environment, tmp_path: Path
) -> None:
    core.link("pytest")

    def run(command: str) -> tuple[int, str]:
        words = shlex.split(command)
        if words == ["pip", "install", "pytest"]:
            return 0, "it is here"
        if words[:2] == ["pip", "install"]:
            built = wheel(tmp_path / words[2], tmp_path / "wheels")
            words = ["pip", "install", "--no-index", str(built)]
        return core.run(words, tmp_path)

    done = execute(GUIDE, tmp_path, run)
    assert any(command.startswith("ttsf tune") for command in done)
    code, output = core.run(["pip", "check"], tmp_path)
    assert code == 0, output
    listed = core.run(["ttsf", "plugins", "--kind", "optimizer"], tmp_path)[1]
    assert "ttsf-spiral" in listed
