"""hifigan выполняет контракт модели."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tts_framework.components import Frontend
from tts_framework.testing import ModelContract
from ttsf_hifigan.clips import AnyText


class TestHifigan(ModelContract):
    plugin = "hifigan"
    options = {
        **json.loads(Path(__file__).with_name("narrow.json").read_text()),
        "precision": "fp32",  # bf16 проверяет test_session.py
    }

    @pytest.fixture
    def frontend(self) -> Frontend:
        return AnyText(AnyText.Config())
