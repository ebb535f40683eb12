"""pocketsphinx выполняет контракт расшифровщика."""

from __future__ import annotations

from tts_framework.testing import TranscriberContract


class TestPocketSphinx(TranscriberContract):
    plugin = "pocketsphinx"
