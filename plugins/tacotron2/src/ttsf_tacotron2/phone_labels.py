"""Метки фонов клипа; читает их фреймворк, одинаково для всех моделей."""

from tts_framework.speech.phones.labels import Phone, beside, is_pause, read

__all__ = ["Phone", "beside", "is_pause", "read"]
