"""`ttsf plugins`: список из метаданных."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from tts_framework.cli.commands import COMMANDS
from tts_framework.cli.lazy import load
from tts_framework.cli.plugins import plugins
from tts_framework.errors import PluginError
from tts_framework.plugins import Plugins


def output(*arguments: str) -> str:
    app = typer.Typer()
    app.command()(plugins)
    result = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "120"})
    assert result.exit_code == 0, result.output
    return result.output


def test_the_table_shows_name_kind_distribution_and_version() -> None:
    text = output()
    for info in Plugins().infos():
        assert info.name in text and info.distribution in text and info.version in text
    assert "optimizer" in text


def test_a_kind_narrows_the_list() -> None:
    text = output("--kind", "stopper")
    assert "patience" in text and "sqlite" not in text


def test_json_holds_the_same() -> None:
    infos = json.loads(output("--json", "--kind", "store"))
    assert [(info["name"], info["kinds"]) for info in infos] == [("sqlite", ["store"])]


def test_an_unknown_kind_names_the_known_ones() -> None:
    command = load("plugins", COMMANDS["plugins"])
    with pytest.raises(PluginError, match="--kind colour: no such plugins; kinds are: alerter"):
        command(["--kind", "colour"], standalone_mode=False)
