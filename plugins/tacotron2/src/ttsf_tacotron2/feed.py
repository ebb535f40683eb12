"""Поток пачек; общий у моделей."""

from tts_framework.training.feed import Feed, Prefetch

__all__ = ["Feed", "Prefetch"]
