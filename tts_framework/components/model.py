"""Модели: обучение (`Session`) и голос (`Voice`)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from tts_framework.components.base import Component
from tts_framework.components.frontend import Frontend
from tts_framework.components.media import Picture, Sound
from tts_framework.events import HParams
from tts_framework.options import AudioSettings


@dataclass(frozen=True)
class TrainingContext:
    """Всё, что модель получает от фреймворка при запуске обучения.

    `cache` — папка для производных данных (mel-кэш), `warn` показывает предупреждение человеку,
    `progress(done, total, what)` — ход долгой подготовки.
    """

    train: Path
    validation: Path
    frontend: Frontend
    audio: AudioSettings
    batch_size: int
    device: str
    seed: int
    cache: Path
    skip_bad: bool = False
    warn: Callable[[str], None] = print
    progress: Callable[[int, int, str], None] = lambda done, total, what: None
    allow_outside: bool = False


class Session(ABC):
    """Идущее обучение одной модели; прячет оптимизаторы, GAN-шаги и всё прочее внутри шага."""

    iteration: int = 0

    @abstractmethod
    def step(self) -> None:
        """Сделай один шаг обучения; ничего не возвращай — число на каждом шаге ждало бы GPU."""

    @abstractmethod
    def progress(self) -> dict[str, float]:
        """Верни скаляры, усреднённые с прошлого вызова (здесь и ждут GPU).

        Обязательны `training.loss`, `grad.norm` и `learning.rate`; NaN не прячется.
        """

    @abstractmethod
    def evaluate(self) -> dict[str, float]:
        """Оцени модель на проверочной выборке; состояние обучения не меняется."""

    def media(self) -> Iterable[Picture | Sound]:
        """Верни картинки и звуки постоянного проверочного примера (после `evaluate`)."""
        return ()

    @abstractmethod
    def save(self, path: Path) -> None:
        """Запиши чекпоинт атомарно: всё, что нужно для точного продолжения."""

    @abstractmethod
    def load(self, path: Path, *, warm_start: bool = False) -> None:
        """Продолжи с чекпоинта; `warm_start` берёт одни веса, счётчик начинается с нуля.

        Raises:
            CheckpointError: файл усечён, от другой модели или с другими символами.
        """

    @abstractmethod
    def apply(self, hparams: HParams) -> None:
        """Введи новые значения в силу, не трогая весов и состояния оптимизатора."""

    @abstractmethod
    def close(self) -> None:
        """Освободи ресурсы; повторный вызов безвреден."""


class Voice(ABC):
    """Обученная модель для синтеза: переводит `maps[0]` в `maps[1]`."""

    maps: ClassVar[tuple[str, str]] = ("text", "mel")

    @abstractmethod
    def __call__(self, source: Any, *, seed: int = 0) -> Any:
        """Преобразуй: `text` — str, `mel` — Mel, `audio` — Sound."""


class Model(Component):
    """Семейство моделей, которое умеет `ttsf train` и `ttsf tune`.

    `metrics` — имена, которые вернёт `Session.evaluate`; `maps` — что во что переводит голос.
    """

    metrics: ClassVar[tuple[str, ...]] = ("val_loss",)
    maps: ClassVar[tuple[str, str]] = ("text", "mel")

    @classmethod
    @abstractmethod
    def start(cls, config: Any, context: TrainingContext) -> Session:
        """Создай сессию с новыми весами; вызывается один раз в процессе `ttsf train`."""

    @classmethod
    @abstractmethod
    def voice(cls, checkpoint: Path, device: str = "cpu") -> Voice:
        """Открой чекпоинт для синтеза; всё нужное (настройки, символы) лежит в нём самом."""
