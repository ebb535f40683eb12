"""Картинки для журнала; рисует их фреймворк, одинаково для всех моделей."""

from tts_framework.training.pictures import curves, heatmap

__all__ = ["curves", "heatmap"]
