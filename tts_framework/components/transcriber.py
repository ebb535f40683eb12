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
    """Услышанное в клипе; `confidence` — от 0 до 1, `language` — код языка или пусто.

    `no_speech` — вероятность того, что в клипе не говорят (0, если расшифровщик её не знает).
    """

    text: str
    confidence: float
    words: tuple[Word, ...] = ()
    language: str = ""
    no_speech: float = 0.0


class Transcriber(Component):
    """Расшифровывает клипы; модель загружается при первом вызове.

    `batch` — сколько клипов передавать за один вызов; `trusted` — уверенность, ниже которой клип
    откладывают на проверку: у каждого расшифровщика она своего масштаба. Услышанное не должно
    зависеть от соседей клипа: прерванную работу продолжают с другого места.
    """

    sampling_rate: ClassVar[int] = 16000
    trusted: ClassVar[float] = 0.5
    batch: int = 1

    def __init__(self, config: Any) -> None:
        self.config = config

    @property
    def recipe(self) -> dict[str, Any]:
        """Назови всё, от чего зависит услышанное: по рецепту узнают годные прежние итоги.

        Скорость (устройство, потоки, размер пачки) в рецепт не входит.
        """
        cls = type(self)
        return {
            "transcriber": f"{cls.__module__}.{cls.__qualname__}",
            "options": self.config.model_dump(mode="json"),
        }

    @abstractmethod
    def transcribe(self, clips: Sequence[np.ndarray]) -> list[Transcript]:
        """Расшифруй клипы: каждый float32 [N] в [-1, 1], моно, `sampling_rate`.

        Raises:
            TTSFError: модели нет, она не загрузилась или не знает языка.
        """
