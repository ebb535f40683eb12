"""Неисправности обучения под их настоящими именами."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from tts_framework import files
from tts_framework.errors import DiskFull, Diverged, OutOfMemory, TTSFError

_MEMORY_PHRASES = ("not enough memory", "out of memory")


@contextmanager
def named(where: Callable[[], str]) -> Iterator[None]:
    """Преврати нехватку памяти и места в `OutOfMemory` и `DiskFull`; `where` — что делалось."""
    try:
        yield
    except TTSFError:
        raise
    except Exception as error:
        if _is_memory(error):
            raise OutOfMemory(
                f"{where()}: out of memory ({_first_line(error)}); lower trainer.batch_size"
                " or drop the longest clips"
            ) from error
        if files.is_full(error):
            raise DiskFull(f"{where()}: no space left on the device; free some space") from error
        raise


def require_finite(iteration: int, values: Mapping[str, float]) -> None:
    """Потребуй, чтобы все измерения были конечны.

    Raises:
        Diverged: названо первое нечисловое.
    """
    for name, value in values.items():
        if not math.isfinite(value):
            raise Diverged(
                f"iteration {iteration}: {name} is {value}; lower learning_rate or continue"
                " from an earlier checkpoint"
            )


def _is_memory(error: Exception) -> bool:
    """Узнай нехватку памяти, не импортируя torch: у неё три разных лица."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(phrase in text for phrase in _MEMORY_PHRASES)


def _first_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:200]
