"""Общее для тестов ядра и плагинов: где мерить покрытие."""

from __future__ import annotations

from pathlib import Path

import pytest

TRACED = tuple(
    Path(__file__).parent / "tests" / name
    for name in ("cli", "foreign_trainer", "smart_tuner", "training")
)


@pytest.fixture(autouse=True)
def uncovered(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Мерь покрытие дочерних процессов лишь там, где проверяют их самих: оно стоит времени."""
    traced = any(request.path.is_relative_to(folder) for folder in TRACED)
    if not traced or request.node.get_closest_marker("no_cover"):
        monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
