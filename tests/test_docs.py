"""Документация не врёт: YAML читается, ссылки ведут, команды есть, справочники свежи."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

import pytest

from tts_framework import config_file
from tts_framework.cli.commands import COMMANDS
from tts_framework.config_schema import SLOTS
from tts_framework.configure import configure
from tts_framework.hookspecs import INTERFACES
from tts_framework.plugins import Plugins

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("plugins/*/*.md")],
)
EXAMPLES = sorted([*ROOT.glob("examples/*.yaml"), *ROOT.glob("plugins/*/example.yaml")])
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)


class _AnyVariable(dict[str, str]):
    """Окружение, в котором заданы все переменные."""

    def get(self, name: str, default: Any = None) -> str:
        return f"https://example.org/value-of-{name}"  # годится и там, где ждут адрес

    __getitem__ = get  # type: ignore[assignment]


def blocks(language: str) -> list[Any]:
    found = []
    for page in PAGES:
        text = page.read_text()
        for match in BLOCK.finditer(text):
            if match[2] == language:
                line = text[: match.start()].count("\n") + 1
                body = re.sub(f"^{match[1]}", "", match[3], flags=re.MULTILINE)
                found.append(pytest.param(body, id=f"{page.relative_to(ROOT)}:{line}"))
    return found


def check(path: Path) -> None:
    settings = config_file.load(path, environ=_AnyVariable())
    plugins = Plugins()
    for where, kind in SLOTS.items():
        found: Any = settings
        for part in where:
            found = getattr(found, part)
        for use in found if isinstance(found, tuple) else [found]:
            configure(plugins, kind, use, where)


@pytest.mark.parametrize("text", blocks("yaml"))
def test_a_yaml_block_is_a_valid_config(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("words.txt").write_text("з+амок\n")  # словарь, на который ссылаются примеры
    path = tmp_path / "run.yaml"
    path.write_text(text)
    check(path)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.relative_to(ROOT)))
def test_an_example_is_a_valid_config(path: Path) -> None:
    check(path)


@pytest.mark.parametrize("text", blocks("python"))
def test_a_python_block_compiles(text: str) -> None:
    compile(text, "block", "exec")


@pytest.mark.parametrize("text", blocks("console"))
def test_a_command_exists(text: str) -> None:
    words = [line.removeprefix("$ ").split() for line in text.splitlines() if line[:2] == "$ "]
    for command in [line for line in words if line[0].endswith("ttsf")]:
        assert command[1] in COMMANDS, command
    for command in [line for line in words if line[0].endswith("install.sh")]:
        help_text = (ROOT / "install.sh").read_text()
        assert len(command) == 1 or command[1] in help_text, command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_every_pinned_package_has_its_licence_named() -> None:
    pins = re.findall(r"^([^#=\s]+)==", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    named = re.findall(r"^\| (\S+) \|", (ROOT / "docs" / "licenses.md").read_text(), re.MULTILINE)
    assert {re.sub("[-_.]+", "-", pin).lower() for pin in pins} <= set(named)


def test_the_generated_reference_is_fresh() -> None:
    environ = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "reference.py"), "--check"],
        capture_output=True,
        text=True,
        env=environ,
        cwd="/",
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}run: python tools/reference.py"


def test_every_hook_is_described_for_authors() -> None:
    text = (ROOT / "docs" / "en" / "plugin-guide.md").read_text()
    assert all(f"`ttsf_{kind}`" in text for kind in INTERFACES)


@pytest.mark.parametrize("name", ["README.md", "README.en.md"])
def test_a_readme_opens_with_the_two_commands(name: str) -> None:
    commands = [line for line in (ROOT / name).read_text().splitlines() if line[:2] == "$ "]
    assert commands[0].startswith("$ ./install.sh demo")
    assert commands[1].startswith("$ ./install.sh test")


def test_the_metadata_names_the_licence_and_the_python() -> None:
    found = metadata("tts-framework")
    assert found["License-Expression"] == "Apache-2.0"
    assert found["Requires-Python"] == ">=3.11"
    assert "Apache License" in (ROOT / "LICENSE").read_text()
