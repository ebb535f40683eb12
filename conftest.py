"""Общее для тестов ядра и плагинов: где мерить покрытие."""

from __future__ import annotations

from pathlib import Path

import pytest

PLUGINS = Path(__file__).parent / "plugins"


@pytest.fixture(autouse=True)
def uncovered(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Не мерь покрытие дочерних процессов там, где мешает его файл или замедление.

    Тесты плагинов проверяют плагины: ядро в их процессах уже покрыто тестами ядра.
    """
    if request.node.get_closest_marker("no_cover") or request.path.is_relative_to(PLUGINS):
        monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
