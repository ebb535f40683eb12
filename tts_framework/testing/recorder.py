"""Плагин pytest для `ttsf plugin check`: итог каждой проверки — строкой JSON в файл."""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Generator
from typing import Any

import pytest

from tts_framework.errors import TTSFError
from tts_framework.testing.demand import Broken

VARIABLE = "TTSF_CHECK_REPORT"


def pytest_collection_finish(session: pytest.Session) -> None:
    """Скажи, сколько проверок впереди."""
    _write({"total": len(session.items)})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, Any, Any]:
    """Запиши итог проверки: её имя, чей это контракт, что не так и что делать."""
    report = yield
    if report.when == "call" or report.outcome != "passed":
        owner = getattr(item, "cls", None)
        problem, advice = _explained(call.excinfo) if call.excinfo else ("", "")
        _write(
            {
                "test": item.name,
                "plugin": getattr(owner, "plugin", ""),
                "kind": getattr(owner, "kind", ""),
                "outcome": "skipped" if report.outcome == "skipped" else report.outcome,
                "problem": problem,
                "advice": advice,
            }
        )
    return report


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Запиши файл тестов, который не импортируется."""
    if report.failed:
        last = str(report.longrepr).strip().splitlines()[-1].removeprefix("E").strip()
        record = {"test": report.nodeid, "plugin": "", "kind": "", "outcome": "failed"}
        _write({**record, "problem": f"cannot be collected: {last}", "advice": "fix the test file"})


def _explained(excinfo: Any) -> tuple[str, str]:
    error = excinfo.value
    if isinstance(error, Broken):
        return _line(error.problem), _line(error.advice)
    if excinfo.typename == "Skipped":
        return _line(str(error)), ""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "_pytest" not in f.filename and "pluggy" not in f.filename]
    where = f"{own[-1].filename}:{own[-1].lineno}" if own else "the test"
    if isinstance(error, TTSFError):
        return _line(str(error)), f"see {where}"
    return _line(f"{excinfo.typename}: {error}"), f"fix {where}"


def _line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 300 else f"{text[:297]}..."


def _write(record: dict[str, Any]) -> None:
    path = os.environ.get(VARIABLE)
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"{json.dumps(record, ensure_ascii=False)}\n")
