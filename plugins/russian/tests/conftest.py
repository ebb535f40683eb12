"""Один фронтенд с моделью на все тесты: загрузка стоит секунд."""

from __future__ import annotations

import pytest

from ttsf_russian import Russian


@pytest.fixture(scope="session")
def russian() -> Russian:
    return Russian(Russian.Config())
