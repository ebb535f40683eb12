"""`ttsf plugin check`: что проверять, нашли или сказали, почему нет; неудачи — строками."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

sys.path[:0] = [str(Path(__file__).parent)]

import packages  # noqa: E402

from tts_framework.cli.plugin.check import check as command  # noqa: E402
from tts_framework.errors import ConfigError, PluginError, TTSFError  # noqa: E402
from tts_framework.testing.checking import check  # noqa: E402

BROKEN = '''"""Front."""

from tts_framework.components import Stopper
from tts_framework.hookspecs import hookimpl


class Mine(Stopper):
    """Says yes."""

    def stop_tuning(self, past):
        return True


@hookimpl
def ttsf_stopper():
    return Mine
'''
PROJECT = """
[project]
name = "ttsf-kit-broken"

[project.entry-points.ttsf]
kit_broken = "front_kit_broken"
kit_unchecked = "front_kit_unchecked"
"""
CONTRACT = """
from tts_framework.testing import StopperContract

class TestBroken(StopperContract):
    plugin = "kit_broken"

    test_importing_the_front_imports_no_other_package = None
    test_it_takes_part_in_a_real_tuning = None
"""


@pytest.fixture(autouse=True)
def one_plugin_of_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Дочернему pytest хватит плагина ядра: прочие загружаются дольше самих проверок."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "tts_framework.testing.pytest_plugin")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Проект из двух плагинов: один неисправен, о другом забыли."""
    folder = tmp_path / "project"
    (folder / "tests").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "tests" / "test_contract.py").write_text(CONTRACT)
    return folder


def install(folder: Path) -> Path:
    fronts = {"kit_broken": BROKEN, "kit_unchecked": BROKEN, "kit_hookless": '"""Nothing."""\n'}
    packages.write(folder / "site", "ttsf-kit-broken", fronts, "kit_broken", packages.RANGE)
    return folder / "site"


def test_failures_are_lines_with_what_is_wrong_and_what_to_do(project: Path) -> None:
    app = typer.Typer()
    app.command()(command)
    with packages.visible(install(project.parent)):
        done = CliRunner().invoke(app, [str(project)])
    lines = done.output.splitlines()
    assert done.exit_code == 2
    for line in (
        "FAIL an answer is a reason in words or nothing[0-0]: answers True;"
        " return the reason as one line of words, or None",
        "FAIL contract: kit_unchecked: nothing checks the stopper; add 'class TestMine("
        'StopperContract): plugin = "kit_unchecked"\' to tests/test_contract.py',
        "skip the example is a valid config: no example.yaml beside the tests",
    ):
        assert line in lines, done.output
    assert lines[-1].startswith("kit_broken (stopper), kit_unchecked (stopper): ")


def test_a_test_file_that_cannot_be_read_is_a_failure(project: Path) -> None:
    (project / "tests" / "test_contract.py").write_text("import no_such_module\n")
    with packages.visible(install(project.parent)):
        report = check(str(project))
    first = report.of("failed")[0]
    assert first.problem.startswith(
        "cannot be collected: ModuleNotFoundError: No module named 'no_"
    )
    assert first.advice == "fix the test file"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "pyproject.toml: no such file or directory; give the folder of a project or"),
        ("[project", "pyproject.toml: is not TOML: .*; fix it"),
        ("[project]\n", r"declares no plugin; add \[project.entry-points.ttsf\] with my_name ="),
        (PROJECT, "kit_broken, kit_unchecked: is not installed; run 'pip install -e "),
    ],
)
def test_a_folder_that_is_no_installed_project_is_refused(
    tmp_path: Path, text: str | None, message: str
) -> None:
    if text is not None:
        (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(TTSFError, match=message):
        check(str(tmp_path))


def test_a_name_that_is_not_installed_is_refused() -> None:
    with pytest.raises(PluginError, match="no_such: no such plugin; installed: .* as ./path"):
        check("no_such")


def test_a_plugin_without_a_hook_is_refused(tmp_path: Path) -> None:
    with packages.visible(install(tmp_path)):
        with pytest.raises(PluginError, match="front_kit_hookless has no hook; write 'def ttsf_"):
            check("kit_hookless")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "max_runtime_hours: .*; give options as --set KEY=VALUE"),
        ({"max_runtime_hours": "soon"}, "max_runtime_hours: .*; give options as --set KEY=VALUE"),
    ],
)
def test_options_that_are_missing_or_wrong_are_named_at_once(
    options: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        check("max_runtime", options)
