"""espeak выполняет контракт фронтенда."""

from __future__ import annotations

from tts_framework.testing import FrontendContract


class TestEspeak(FrontendContract):
    plugin = "espeak"
    options = {"language": "en-us"}
    texts = ("Hello, world!", "The road turns left.")
    foreign = "\ue000"  # иероглиф espeak-ng прочтёт по имени, а личный знак - нет
