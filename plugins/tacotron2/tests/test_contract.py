"""tacotron2 выполняет контракт модели."""

from __future__ import annotations

import json
from pathlib import Path

from tts_framework.testing import ModelContract


class TestTacotron2(ModelContract):
    plugin = "tacotron2"
    options = {
        **json.loads(Path(__file__).with_name("narrow.json").read_text()),
        "precision": "fp32",  # bf16 проверяет test_session.py
    }
    changes = {"grad_clip_thresh": 1e-6}
