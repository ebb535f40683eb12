"""`ttsf data`: корпус одной командой; ошибки — одной строкой."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tts_framework.cli.data import app
from tts_framework.errors import ConfigError, DataError, PluginError

RUNNER = CliRunner()


def get(*arguments: str) -> str:
    result = RUNNER.invoke(app, ["get", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_gets_a_corpus_and_tells_what_to_do_next(tmp_path: Path) -> None:
    pytest.importorskip("espeakng_loader")
    dest = tmp_path / "corpus"
    output = get("synthetic", "--dest", str(dest), "--limit", "4")
    assert f"{dest}: 3 clips to train, 1 to validate" in output
    assert f"set data.train to {dest / 'train.csv'}" in output


def test_says_when_there_is_less_than_asked_for(tmp_path: Path) -> None:
    pytest.importorskip("espeakng_loader")
    arguments = ["synthetic", "--dest", str(tmp_path / "c"), "--limit", "3", "--seed", "7"]
    output = get(*arguments, "--set", "max_seconds=1.92")
    assert "only 2 clips of 3 asked for: the source has no more that fit" in output


def test_lists_the_corpora_that_are_installed() -> None:
    output = RUNNER.invoke(app, ["list"]).output
    assert [line.split()[0] for line in output.splitlines()] == ["ljspeech", "ru-nsh", "synthetic"]


def test_help_shows_examples() -> None:
    output = RUNNER.invoke(app, ["get", "--help"]).output
    assert "ttsf data get ru-nsh --dest data/ru_nsh" in output


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (["ru_nsh"], PluginError, "did you mean 'ru-nsh'"),
        (["russian_letters"], PluginError, "is a frontend, not a corpus"),
        (["ru-nsh", "--set", "max_secods=5"], ConfigError, "did you mean 'max_seconds'"),
        (["ru-nsh", "--set", "max_seconds=soon"], ConfigError, "max_seconds"),
        (["ru-nsh", "--set", "max_seconds"], ConfigError, "--set max_seconds: expected KEY=VALUE"),
        (["ljspeech", "--url", "nonsense"], DataError, "url: 'nonsense' is not an http"),
    ],
)
def test_a_mistake_is_one_line_with_the_way_out(
    tmp_path: Path, arguments: list[str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        get(*arguments, "--dest", str(tmp_path / "corpus"))


def test_one_clip_is_refused_by_the_option_itself(tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["get", "synthetic", "--dest", str(tmp_path), "--limit", "1"])
    assert result.exit_code == 2


def test_the_commands_are_known_without_heavy_imports() -> None:
    code = (
        "import sys, tts_framework.cli.data;"
        "print([m for m in ('numpy', 'soundfile', 'torch', 'pydantic') if m in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
