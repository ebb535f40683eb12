"""Контракты над образцами — настоящим pytest внутри этого же процесса."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tts_framework.testing.recorder import VARIABLE

OPTIONS = ["-q", "--tb=native", "--no-header", "-o", "addopts=", "--import-mode=importlib"]
OPTIONS += ["-p", "no:cacheprovider"]
OPTIONS += ["-p", "no:timeout", "-p", "no:xdist", "-p", "no:hypothesispytest"]
OPTIONS += ["-p", "no:hydra_pytest", "-p", "no:pytest_cov", "-p", "tts_framework.testing.recorder"]


@dataclass(frozen=True)
class Verdict:
    """Чем кончилась проверка плагина (у параметризованной — хоть одна неудача)."""

    plugin: str
    test: str
    outcome: str
    words: str


def run(path: Path, selected: Sequence[str] = ()) -> list[Verdict]:
    """Выполни файл тестов (или его части `Класс::проверка`) и прочитай записанное recorder-ом."""
    report = path.with_suffix(".jsonl")
    report.unlink(missing_ok=True)
    targets = [f"{path}::{part}" for part in selected] or [str(path)]
    output = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(output):
        patch.setenv(VARIABLE, str(report))
        patch.chdir(path.parent)
        code = pytest.main([*OPTIONS, "--rootdir", str(path.parent), *targets])
    assert code in (0, 1), output.getvalue()
    records = map(json.loads, report.read_text(encoding="utf-8").splitlines())
    return [
        Verdict(
            record["plugin"],
            record["test"].partition("[")[0],
            record["outcome"],
            f"{record['problem']}; {record['advice']}",
        )
        for record in records
        if "test" in record
    ]
