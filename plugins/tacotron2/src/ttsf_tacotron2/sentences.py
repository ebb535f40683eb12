"""Предложения длинного текста; делит их фреймворк."""

from tts_framework.speech.sentences import join, split

__all__ = ["join", "split"]
