"""Общее для тестов: крошечный корпус и сессия узкой сети над ним."""

from __future__ import annotations

import json
from pathlib import Path

from tts_framework.testing import sessions

one_thread = sessions.one_thread
corpus, cache, frontend = sessions.corpus, sessions.cache, sessions.frontend
context = sessions.context(hop_length=160, n_mel_channels=20)
start = sessions.start("tacotron2", json.loads(Path(__file__).with_name("narrow.json").read_text()))
written = sessions.written
