"""Общее для тестов: крошечный корпус и сессия узких сетей над ним."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tts_framework.components import Frontend
from tts_framework.testing import sessions
from ttsf_hifigan.clips import AnyText

one_thread = sessions.one_thread
corpus, cache = sessions.corpus, sessions.cache
context = sessions.context()
start = sessions.start("hifigan", json.loads(Path(__file__).with_name("narrow.json").read_text()))
written = sessions.written


@pytest.fixture(scope="session")
def frontend() -> Frontend:
    """Вокодер текста не читает."""
    return AnyText(AnyText.Config())
