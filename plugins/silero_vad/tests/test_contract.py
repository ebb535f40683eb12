"""silero выполняет контракт детектора."""

from __future__ import annotations

from tts_framework.testing import DetectorContract


class TestSilero(DetectorContract):
    plugin = "silero"
