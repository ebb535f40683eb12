"""`ttsf doctor`: что есть, чего нет и что с этим делать."""

from __future__ import annotations

import json
import shutil
import socket
import sys
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import typer
from typer.testing import CliRunner

from tts_framework.cli import checkup
from tts_framework.cli.checkup import FAIL, OK, WARN, Finding
from tts_framework.cli.doctor import doctor
from tts_framework.plugins import PluginInfo
from tts_framework.speech import ffmpeg

Usage = namedtuple("Usage", "free")


def run(*arguments: str) -> Any:
    app = typer.Typer()
    app.command()(doctor)
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "160"})


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_this_machine_can_run_the_tests() -> None:
    result = run()
    assert result.exit_code == 0, result.output
    for word in ("python", "torch", "memory", "disk", "plugins", "port 6006", "mlflow"):
        assert word in result.output


def test_json_holds_every_finding() -> None:
    findings = json.loads(run("--json").output)
    assert {finding["state"] for finding in findings} <= {OK, WARN, FAIL}
    assert all(finding["advice"] for finding in findings if finding["state"] != OK)


def test_a_lack_of_something_needed_is_code_2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "examine", lambda: [Finding(FAIL, "torch", "no", "install it")])
    result = run()
    assert result.exit_code == 2 and "install it" in result.output


def test_an_old_python_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "OLDEST_PYTHON", (9, 9))
    assert checkup._python().state == FAIL


def test_a_missing_torch_names_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    (finding,) = checkup._torch()
    assert finding.state == FAIL and "pip install" in finding.advice


def test_little_memory_and_disk_are_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    memory = namedtuple("Memory", "available total")(1e9, 2e9)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    assert checkup._memory().state == WARN
    for free, state in ((50e9, OK), (5e9, WARN), (1e8, FAIL)):
        monkeypatch.setattr(shutil, "disk_usage", lambda path, free=free: Usage(free))
        assert checkup._disk(tmp_path / "not" / "yet").state == state


def test_missing_dependencies_are_named_with_the_command() -> None:
    (finding,) = checkup._packages(["no-such-distribution"])
    assert finding.state == FAIL and finding.advice == "run: pip install no-such-distribution"
    assert next(iter(checkup._packages(["tts-framework"]))).state == OK


def test_a_broken_plugin_is_named() -> None:
    info = PluginInfo("nothing", ("store",), "x", "1", "nothing")
    finding = checkup._plugins([info])
    assert finding.state == FAIL and "nothing: no such store plugin" in finding.found


def test_missing_programs_are_told_what_they_are_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(checkup, "_version", lambda name: None)
    monkeypatch.setattr(ffmpeg, "program", lambda: None)
    findings = list(checkup._programs())
    assert [finding.state for finding in findings] == [WARN, WARN, WARN]
    assert "ttsf data get ru-nsh" in findings[0].advice


def test_a_busy_port_is_found(listening: int) -> None:
    assert checkup._port("TensorBoard", listening).state == WARN


def test_a_server_of_mlflow_is_tried(monkeypatch: pytest.MonkeyPatch, listening: int) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://user:word@127.0.0.1:{listening}")
    answer = checkup._mlflow()
    assert answer.state == OK and "word" not in answer.found
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    assert checkup._mlflow().state == WARN
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///x.db")
    assert checkup._mlflow().state == OK


def test_a_gpu_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    gpu = namedtuple("Gpu", "name total_memory")("H100", 80e9)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: gpu)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
    assert list(checkup._torch())[1] == Finding(OK, "cuda:0", "H100, 80 GB, bf16")
