"""russian выполняет контракт фронтенда."""

from __future__ import annotations

from tts_framework.testing import FrontendContract


class TestRussian(FrontendContract):
    plugin = "russian"
    texts = ("Мама мыла раму.", "З+амок на двери, 5 книг.", "Шла Саша по шоссе!")
