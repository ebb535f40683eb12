"""`ttsf`: справка, коды завершения и слова об ошибках."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from tts_framework import __version__
from tts_framework.cli import main
from tts_framework.cli.commands import COMMANDS
from tts_framework.cli.lazy import Command, LazyGroup, load

TTSF = [sys.executable, "-m", "tts_framework"]


def ttsf(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", **environ}
    return subprocess.run([*TTSF, *arguments], capture_output=True, text=True, env=environment)


FAKES = """
from tts_framework import errors
from tts_framework.secrets import remember

def refused():
    raise errors.ConfigError(["run.yaml:1: a: b", "run.yaml:2: c: d"])

def full():
    raise errors.DiskFull("checkpoint_5: no space left on the device")

def broken():
    remember(["very-secret-word"])
    raise ValueError("cannot use very-secret-word")

def interrupted():
    raise KeyboardInterrupt
"""


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Поставь на место команды `plugins` функцию, которая кончается названной бедой."""
    (tmp_path / "failing_commands.py").write_text(FAKES)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "failing_commands", raising=False)
    monkeypatch.setattr(sys, "argv", ["ttsf", "plugins"])

    def use(name: str) -> None:
        monkeypatch.setitem(COMMANDS, "plugins", Command(f"failing_commands:{name}", "Fail."))

    return use


def code_of(capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    with pytest.raises(SystemExit) as caught:
        main.run()
    return int(caught.value.code or 0), capsys.readouterr().err.splitlines()


def test_help_lists_every_command_with_one_line_and_examples() -> None:
    done = ttsf("--help")
    assert done.returncode == 0
    for name, found in COMMANDS.items():
        assert name in done.stdout and found.help in done.stdout
    assert "ttsf tune --config run.yaml" in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_exists_and_has_english_help_with_an_example(name: str) -> None:
    loaded = load(name, COMMANDS[name])
    pages = list(_pages(loaded))
    for page in pages:
        assert page.help and not re.search("[а-яё]", page.help.lower())
    assert any("ttsf " in (page.epilog or "") for page in pages)
    assert CliRunner().invoke(_app(name), ["--help"]).exit_code == 0


def _pages(command: Any) -> Iterator[Any]:
    yield command
    if isinstance(command, LazyGroup):
        command.load_all()
    for inner in getattr(command, "commands", {}).values():
        yield from _pages(inner)


def _app(name: str) -> typer.Typer:
    module, _, attribute = COMMANDS[name].target.partition(":")
    target = getattr(import_module(module), attribute)
    if isinstance(target, typer.Typer):
        return target
    app = typer.Typer()
    app.command()(target)
    return app


def test_the_version_is_printed() -> None:
    assert ttsf("--version").stdout == f"ttsf {__version__}\n"


def test_a_misspelt_command_is_answered_with_the_nearest() -> None:
    done = ttsf("tunee")
    assert done.returncode == 2 and "'tune'" in done.stderr


def test_no_command_is_help() -> None:
    assert "Usage: ttsf" in ttsf().stdout + ttsf().stderr


def test_help_imports_no_command_module() -> None:
    code = (
        "import sys\nfrom tts_framework.cli.main import app\n"
        "try:\n    app(['--help'], prog_name='ttsf')\nexcept SystemExit:\n    pass\n"
        "print(sorted(m for m in sys.modules if m.startswith('tts_framework.cli.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    last = done.stdout.splitlines()[-1]
    assert (
        last == "['tts_framework.cli.commands', 'tts_framework.cli.lazy', 'tts_framework.cli.main']"
    )


def test_a_user_error_is_a_line_per_problem_and_code_2(
    command: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    command("refused")
    code, lines = code_of(capsys)
    assert (code, lines) == (2, ["error: run.yaml:1: a: b", "error: run.yaml:2: c: d"])


def test_each_class_of_error_has_its_code(
    command: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    command("full")
    assert code_of(capsys)[0] == 5


def test_a_bug_shows_its_traceback_without_secrets(
    command: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    command("broken")
    code, lines = code_of(capsys)
    assert code == 1
    assert "ValueError: cannot use ***" in lines
    assert not any("very-secret-word" in line for line in lines)
    assert lines[-1].startswith("bug: this is a bug in ttsf") and "report" in lines[-1]


def test_an_interruption_is_code_130(
    command: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    command("interrupted")
    assert code_of(capsys)[0] == 130


def test_a_closed_pipe_is_no_traceback() -> None:
    shell = f"{sys.executable} -m tts_framework config schema | head -c 1"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True)
    assert "Traceback" not in done.stderr
