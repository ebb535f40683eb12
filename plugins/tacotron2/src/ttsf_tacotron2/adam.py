"""Adam эталона; сам он общий для моделей фреймворка."""

from tts_framework.training.adam import Adam

__all__ = ["Adam"]
