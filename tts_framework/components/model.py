"""Модели: обучение (`Session`) и голос (`Voice`)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from tts_framework.components.base import Component
from tts_framework.components.frontend import Frontend
from tts_framework.components.media import Mel, Picture, Sound
from tts_framework.errors import ConfigError
from tts_framework.events import HParams
from tts_framework.options import AudioSettings

if TYPE_CHECKING:
    import numpy as np


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


@dataclass(frozen=True)
class Phrase:
    """Кусок текста, который голос скажет за раз: уже нормализован; `symbols` - символов в нём."""

    text: str
    symbols: int


class Voice(ABC):
    """Обученная модель для синтеза: переводит `maps[0]` в `maps[1]`.

    `audio` - настройки mel, которую голос отдаёт или принимает: по ним сверяют соседей в цепочке.
    Сверх `seed` голос вправе принимать по имени `style` (запись или веса), `speaker`, `rate`
    (темп речи) и `best_of` (лучшая из стольких попыток), а его mel или звук - нести `confidence`
    (от 0 до 1) и `flags` (слова о том, что пошло не так).
    """

    maps: ClassVar[tuple[str, str]] = ("text", "mel")
    audio: AudioSettings | None = None

    @abstractmethod
    def __call__(self, source: Any, *, seed: int = 0) -> Any:
        """Преобразуй: `text` — str, `mel` — Mel, `audio` — Sound."""

    def prepare(self, text: str) -> None:
        """Загрузи модели, которые понадобятся этому тексту: их загрузка - ещё не синтез."""

    def phrases(self, text: str) -> list[Phrase]:
        """Нормализуй текст и раздели на фразы; вызывается до `__call__`, если голос читает текст.

        Raises:
            DataError: в тексте есть символ, которого модель не знает.
        """
        return [Phrase(text, len(text))]

    def stream(self, source: Any, *, seed: int = 0) -> Iterator[Any]:
        """Отдавай звук или mel кусками по мере готовности; в сумме это то же, что у `__call__`.

        Мнение о сказанном (`confidence`, `flags`) несёт последний кусок.
        """
        yield self(source, seed=seed)

    def follow(self, pieces: Iterator[Any], *, seed: int = 0) -> Iterator[Any]:
        """Преобразуй mel, приходящую кусками; вокодер, который не ждёт её конца, умеет сам."""
        import numpy as np

        said = list(pieces)
        frames = np.concatenate([piece.frames for piece in said], 1)
        yield from self.stream(Mel(frames, said[-1].audio), seed=seed)


class Teacher(ABC):
    """Модель, которая пересказывает записи с подсказкой: её mel идёт на доучивание вокодера."""

    audio: AudioSettings
    frontend: Frontend

    @abstractmethod
    def __call__(
        self, texts: Sequence[str], mels: Sequence[np.ndarray], *, seed: int = 0
    ) -> list[np.ndarray]:
        """Перескажи пачку: mel float32 `[n_mels, T]` тех же длин и с теми же местами кадров."""


@dataclass(frozen=True)
class Foreign:
    """Чекпоинт, который написали не мы: `contents` прочитаны без исполнения кода.

    `beside` - файлы, лежавшие рядом (config.json, do_00000001), `frontend` и `audio` - то, что
    назвал человек, когда в самом чекпоинте этого нет.
    """

    path: Path
    contents: Mapping[str, Any]
    beside: tuple[Path, ...] = ()
    frontend: Frontend | None = None
    audio: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Exported:
    """Что записал экспорт и что о нём сказать человеку."""

    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


class Model(Component):
    """Семейство моделей, которое умеет `ttsf train` и `ttsf tune`.

    `metrics` — имена, которые вернёт `Session.evaluate`; `maps` — что во что переводит голос;
    `formats` — во что `ttsf models export` переводит её чекпоинты.
    """

    metrics: ClassVar[tuple[str, ...]] = ("val_loss",)
    maps: ClassVar[tuple[str, str]] = ("text", "mel")
    formats: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def measures(cls, config: Any) -> tuple[str, ...]:
        """Верни те из `metrics`, что модель измерит при этих настройках: целью может быть любая."""
        return cls.metrics

    @classmethod
    @abstractmethod
    def start(cls, config: Any, context: TrainingContext) -> Session:
        """Создай сессию с новыми весами; вызывается один раз в процессе `ttsf train`."""

    @classmethod
    @abstractmethod
    def voice(cls, checkpoint: Path, device: str = "cpu") -> Voice:
        """Открой чекпоинт для синтеза; всё нужное (настройки, символы) лежит в нём самом."""

    @classmethod
    def teacher(cls, checkpoint: Path, device: str = "cpu") -> Teacher:
        """Открой чекпоинт, чтобы пересказывать записи (`ttsf vocoder export-mels`).

        Raises:
            ConfigError: модель так не умеет.
        """
        raise ConfigError(
            [f"{checkpoint}: {cls.__name__} cannot retell recordings; give an acoustic model"]
        )

    @classmethod
    def recognises(cls, foreign: Foreign) -> bool:
        """Скажи, чекпоинт ли это той же модели в формате её эталона; torch для этого не нужен."""
        return False

    @classmethod
    def adopt(cls, foreign: Foreign) -> dict[str, Any]:
        """Переведи узнанный чекпоинт в наш: его поднимет `voice`.

        Raises:
            CheckpointError: веса не те; ConfigError: названо, чего не хватает.
        """
        raise ConfigError([f"{foreign.path}: {cls.__name__} adopts no foreign checkpoints"])

    @classmethod
    def export(cls, checkpoint: Path, form: str, folder: Path) -> Exported:
        """Запиши чекпоинт в папку в виде `form`, одном из `formats`.

        Raises:
            CheckpointError: чекпоинт не годится; ConfigError: нет нужного пакета.
        """
        raise ConfigError([f"{checkpoint}: {cls.__name__} cannot be exported as {form}"])
