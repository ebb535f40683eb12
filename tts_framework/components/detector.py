"""Детектор речи: где в записи говорят."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from tts_framework.components.base import Component

if TYPE_CHECKING:
    import numpy as np


class Detector(Component):
    """Оценивает, где в записи речь; один экземпляр слушает одну запись от начала до конца.

    Запись приходит кусками, поэтому память не зависит от её длины. `sampling_rate` — частота,
    которой ждёт детектор, Гц; `frame` — длина кадра, отсчётов.
    """

    sampling_rate: ClassVar[int] = 16000
    frame: ClassVar[int] = 512

    def __init__(self, config: Any) -> None:
        self.config = config

    @abstractmethod
    def feed(self, samples: np.ndarray) -> np.ndarray:
        """Верни вероятность речи в каждом целом кадре: float32 [N] -> float32 [N // frame].

        `N` кратно `frame`; кадры нумеруются от начала записи.
        """
