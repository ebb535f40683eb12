"""`ttsf config`: проверка файла и схема для редакторов."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from typer.testing import CliRunner

from tts_framework.cli.config import app
from tts_framework.config_schema import SLOTS, schema
from tts_framework.errors import ConfigError
from tts_framework.plugins import Plugins


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


def errors(text: str) -> list[str]:
    data = YAML(typ="safe", pure=True).load(text)
    return [error.json_path for error in Draft202012Validator(schema(Plugins())).iter_errors(data)]


def test_a_good_file_is_answered_with_its_plan(tiny_run: Callable[..., Path]) -> None:
    path = tiny_run()
    result = invoke("check", str(path), "--set", "tuner.n_trials=7")
    assert result.exit_code == 0
    assert "up to 7 trials" in result.output and f"{path}: no problems" in result.output


def test_a_bad_file_is_a_config_error(tiny_run: Callable[..., Path]) -> None:
    result = invoke("check", str(tiny_run()), "--set", "sed=1")
    assert isinstance(result.exception, ConfigError)
    assert "did you mean 'seed'?" in str(result.exception)


def test_the_schema_is_printed_or_written(tmp_path: Path) -> None:
    printed = json.loads(invoke("schema").output)
    Draft202012Validator.check_schema(printed)
    assert invoke("schema", "--out", str(tmp_path / "s.json")).exit_code == 0
    assert json.loads((tmp_path / "s.json").read_text()) == printed


def test_the_schema_accepts_what_the_reader_accepts(tiny_run: Callable[..., Path]) -> None:
    assert errors(tiny_run().read_text()) == []
    assert errors("model: tacotron2\nstore: sqlite\n") == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("seeed: 1", "$"),
        ("tuner: {n_trials: 0}", "$.tuner.n_trials"),
        ("store: {use: sqlit}", "$.store"),
        ("model: {use: tiny, colour: red}", "$.model"),
        ("watchers: [{use: patience}]", "$.watchers[0]"),
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(text: str, place: str) -> None:
    assert errors(text) == [place]


def test_every_plugin_of_a_slot_has_its_options_in_the_schema() -> None:
    found, plugins = schema(Plugins()), Plugins()
    for kind in set(SLOTS.values()):
        titles = [branch.get("title") for branch in found["$defs"][kind]["anyOf"]]
        assert set(plugins.names(kind)) <= set(titles)


def test_a_broken_plugin_does_not_break_the_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ttsf_bad.py").write_text("def ttsf_store():\n    pass\nimport no_such_module\n")
    info = tmp_path / "ttsf_bad-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: ttsf-bad\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[ttsf]\nbad = ttsf_bad\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert errors("store: {use: bad, anything: 1}") == []
