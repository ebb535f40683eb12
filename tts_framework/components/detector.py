"""Детектор речи: где в записи говорят."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from tts_framework.components.base import Component

if TYPE_CHECKING:
    import numpy as np


class Detector(Component):
    """Оценивает, где в записи речь; один экземпляр слушает одну запись от начала до конца.

    Запись приходит кусками, а хранить детектору нужно лишь несколько чисел на кадр, поэтому
    память почти не зависит от её длины. Ответ даётся в конце: детектору, который судит по уровню
    шума, нужна вся запись. `sampling_rate` — частота, которой ждёт детектор, Гц; `frame` — длина
    кадра, отсчётов. Экземпляр создаётся в рабочем процессе, класс и `Config` должны
    передаваться через pickle; вычислять следует одним потоком: записи идут параллельно.
    """

    sampling_rate: ClassVar[int] = 16000
    frame: ClassVar[int] = 512

    def __init__(self, config: Any) -> None:
        self.config = config

    @abstractmethod
    def feed(self, samples: np.ndarray) -> None:
        """Прими следующий кусок записи: float32 [N] в [-1, 1], `N` кратно `frame`."""

    @abstractmethod
    def probabilities(self) -> np.ndarray:
        """Верни вероятность речи в каждом принятом кадре: float32 [кадров] от 0 до 1."""
