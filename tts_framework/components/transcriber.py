"""Расшифровщик: что сказано в записи."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from tts_framework.components.base import Component

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Word:
    """Услышанное слово: границы — секунды от начала клипа, уверенность — от 0 до 1."""

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True)
class Transcript:
    """Услышанное в клипе; `confidence` — от 0 до 1, `language` — код языка или пусто."""

    text: str
    confidence: float
    words: tuple[Word, ...] = ()
    language: str = ""


class Transcriber(Component):
    """Расшифровывает клипы; модель загружается при первом вызове.

    `batch` — сколько клипов передавать за один вызов.
    """

    sampling_rate: ClassVar[int] = 16000
    batch: int = 1

    def __init__(self, config: Any) -> None:
        self.config = config

    @abstractmethod
    def transcribe(self, clips: Sequence[np.ndarray]) -> list[Transcript]:
        """Расшифруй клипы: каждый float32 [N] в [-1, 1], моно, `sampling_rate`."""
