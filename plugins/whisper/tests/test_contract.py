"""whisper выполняет контракт расшифровщика."""

from __future__ import annotations

from tts_framework.testing import TranscriberContract


class TestWhisper(TranscriberContract):
    plugin = "whisper"
    options = {"language": "en"}
