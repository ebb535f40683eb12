"""Просьба о стиле GST: запись, веса токенов или никакая."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tts_framework.components import Mel
from tts_framework.errors import ConfigError

StyleSource = Path | str | Mel | Sequence[float] | None

TOKENS = 10
HEADS = 8


def token_weights(source: Sequence[float]) -> list[float]:
    """Верни веса токенов с суммой 1.

    Raises:
        ConfigError: их не `TOKENS`, есть отрицательные или все - нули.
    """
    weights = [float(weight) for weight in source]
    total = sum(weights)
    if len(weights) != TOKENS or not all(0 <= w < float("inf") for w in weights) or total <= 0:
        raise ConfigError([f"style: give {TOKENS} non-negative token weights, not {weights}"])
    return [weight / total for weight in weights]


def no_style() -> ConfigError:
    """Отказ модели без GST."""
    return ConfigError(["style: the model was trained without gst; leave style out"])
