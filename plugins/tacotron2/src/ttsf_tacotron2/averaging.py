"""Скользящее среднее весов; общее у моделей."""

from tts_framework.training.averaging import Average

__all__ = ["Average"]
