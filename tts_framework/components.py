"""Интерфейсы подключаемых частей. Плагин — класс, унаследованный от одного из них.

Целый плагин модели:

    class Tiny(Model):
        '''Учит одно число.'''

        metrics = ("val_loss",)

        class Config(Options):
            learning_rate: float = tunable(1e-3, gt=0, description="Шаг градиентного спуска.")

        @classmethod
        def start(cls, config, context):
            from ttsf_tiny.session import TinySession  # тяжёлый импорт — только здесь

            return TinySession(config, context)

    @hookimpl
    def ttsf_model():
        return Tiny
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from tts_framework.events import Event, HParams, Metric, Value
from tts_framework.options import AudioSettings, Options, tunable
from tts_framework.space import Space
from tts_framework.trials import Past, Trial

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "Alerter",
    "AudioSettings",
    "Component",
    "Corpus",
    "CorpusRequest",
    "Frontend",
    "Logger",
    "LogTarget",
    "Mel",
    "Model",
    "Optimizer",
    "Options",
    "Picture",
    "Proposal",
    "Session",
    "Sound",
    "Stopper",
    "Store",
    "TrainingContext",
    "TrialSource",
    "Voice",
    "Watcher",
    "tunable",
]


class Component(ABC):
    """Общее у всех подключаемых частей: описание настроек во вложенном классе `Config`."""

    class Config(Options):
        """Без настроек."""


# --- Модели -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Picture:
    """Картинка для журнала: `pixels` [H, W, 3], uint8."""

    tag: str
    pixels: np.ndarray


@dataclass(frozen=True)
class Sound:
    """Звук для журнала: `samples` [N], float32 в [-1, 1]."""

    tag: str
    samples: np.ndarray
    sampling_rate: int


@dataclass(frozen=True)
class Mel:
    """Логарифмическая mel-спектрограмма `frames` [n_mels, T] вместе с её настройками."""

    frames: np.ndarray
    audio: AudioSettings


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


# --- Текст и корпуса --------------------------------------------------------------------------


class Frontend(Component):
    """Переводит текст в номера символов; таблица символов — часть чекпоинта."""

    def __init__(self, config: Any) -> None:
        self.config = config

    @property
    @abstractmethod
    def symbols(self) -> tuple[str, ...]:
        """Таблица символов; номер символа — его место в ней, 0 — заполнитель."""

    @abstractmethod
    def normalize(self, text: str) -> str:
        """Приведи текст к виду, состоящему из одних символов таблицы.

        Raises:
            DataError: встретился символ, которого нет в таблице (молча ничего не пропадает).
        """

    @abstractmethod
    def encode(self, text: str) -> list[int]:
        """Нормализуй и верни номера символов."""


@dataclass(frozen=True)
class CorpusRequest:
    """Что и куда получить: `ttsf data get NAME --dest DIR [--limit N] [--url U]`."""

    dest: Path
    limit: int | None = None
    url: str | None = None
    seed: int = 1234
    progress: Callable[[int, int, str], None] = lambda done, total, what: None


class Corpus(Component):
    """Источник корпуса: получает записи и раскладывает их в папку корпуса."""

    def __init__(self, config: Any) -> None:
        self.config = config

    @abstractmethod
    def fetch(self, request: CorpusRequest) -> None:
        """Получи корпус; повторный вызов докачивает недостающее.

        Raises:
            DataError: источник недоступен или файл повреждён.
        """


# --- Журналы обучения -------------------------------------------------------------------------


@dataclass(frozen=True)
class LogTarget:
    """Куда пишет журнал одного обучения.

    `suffix` отличает файлы разных trial-ов в общей папке; `start_iteration` — шаг, с которого
    продолжается кривая (записи с большим шагом из прежних файлов недействительны). `rename`
    переводит канонические имена в теги тренера (`val_loss` -> `validation.loss`); журнал, который
    хранит канонические имена (MLflow), им не пользуется.
    """

    run: str
    output_dir: Path
    log_directory: Path
    suffix: str
    start_iteration: int
    environment: Mapping[str, str] = field(default_factory=dict)
    rename: Mapping[str, str] = field(default_factory=dict)


class Logger(Component):
    """Пишет ход обучения наружу (TensorBoard, MLflow); не имеет права задерживать шаг."""

    def __init__(self, config: Any, target: LogTarget) -> None:
        self.config = config
        self.target = target

    @abstractmethod
    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Запиши скаляры шага."""

    def picture(self, step: int, picture: Picture) -> None:
        """Запиши картинку, если журнал их хранит."""

    def sound(self, step: int, sound: Sound) -> None:
        """Запиши звук, если журнал его хранит."""

    def params(self, values: Mapping[str, Value]) -> None:
        """Запиши параметры обучения (секретов среди них нет)."""

    def flush(self) -> None:
        """Вытолкни накопленное: следующий читатель должен увидеть всё записанное."""

    def finished(self, outcome: str) -> None:
        """Узнай итог обучения, `finished`, `interrupted` или `failed`; вызывается перед `close`."""

    def close(self) -> None:
        """Допиши и закрой; не дольше нескольких секунд."""


@dataclass(frozen=True)
class TrialSource:
    """Где искать измерения одного trial.

    `rename` переводит теги тренера в канонические имена (`validation.loss` -> `val_loss`).
    """

    trial: int
    output_dir: Path
    log_directory: Path
    suffix: str
    rename: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)


class Watcher(Component):
    """Следит за одним источником измерений тренера."""

    poll_seconds: ClassVar[float] = 0.5

    def __init__(self, config: Any, source: TrialSource) -> None:
        self.config = config
        self.source = source

    def paths(self) -> Sequence[Path]:
        """Назови папки и файлы, изменение которых означает новые измерения."""
        return ()

    @abstractmethod
    def read(self) -> list[Metric]:
        """Верни всё новое с прошлого вызова (первый вызов — с начала trial); не блокируй.

        Ошибка источника — исключение; LogWatcher сообщит о ней один раз и спросит снова позже.
        """

    def close(self) -> None:
        """Закрой источник."""


# --- Подстройка -------------------------------------------------------------------------------


class Store(Component):
    """Единственная память запуска: измерения и события, переживающие kill -9."""

    def __init__(self, config: Any, folder: Path) -> None:
        self.config = config
        self.folder = folder

    @abstractmethod
    def append(self, event: Event) -> None:
        """Запиши событие; к возврату оно уже на диске."""

    @abstractmethod
    def events(self) -> Iterator[Event]:
        """Верни все события в порядке записи."""

    @abstractmethod
    def add_metrics(self, trial: int, metrics: Iterable[Metric]) -> list[Metric]:
        """Запиши измерения и верни только новые: (trial, tag, step) встречается однажды."""

    @abstractmethod
    def metrics(self, trial: int, tag: str) -> list[Metric]:
        """Верни измерения одного тега одного trial по возрастанию шага."""

    @abstractmethod
    def tags(self, trial: int) -> list[str]:
        """Верни имена тегов, записанных за trial."""

    @abstractmethod
    def close(self) -> None:
        """Закрой хранилище; повторный вызов безвреден."""


@dataclass(frozen=True)
class Proposal:
    """Предложенные значения осей пространства и объяснение выбора словами."""

    values: dict[str, Value]
    note: str = ""


class Optimizer(Component):
    """Предлагает значения; без собственного состояния: ответ зависит только от прошлого."""

    def __init__(self, config: Any, space: Space) -> None:
        self.config = config
        self.space = space

    @abstractmethod
    def ask(self, past: Past, n: int = 1) -> list[Proposal]:
        """Предложи `n` точек; случайность — только от (`past.seed`, `past.decision`)."""

    def prune(self, trial: Trial, past: Past) -> str | None:
        """Верни причину прервать идущий trial или None; вызывается после каждой оценки."""
        return None


class Stopper(Component):
    """Решает, не пора ли остановиться; причина — словами, не булево значение."""

    def __init__(self, config: Any) -> None:
        self.config = config

    def stop_trial(self, trial: Trial, past: Past) -> str | None:
        """Верни причину прервать идущий trial или None."""
        return None

    def stop_tuning(self, past: Past) -> str | None:
        """Верни причину закончить подстройку или None; смотри только на зафиксированную ветвь."""
        return None


class Alerter(Component):
    """Сообщает человеку об одном событии.

    `quiet_seconds` — столько после отправленного события следующие копятся, чтобы прийти сводкой
    (`events.Warned`); 0 — не копить. Текст события даёт `wording.describe`.
    """

    quiet_seconds: float = 60.0

    def __init__(self, config: Any) -> None:
        self.config = config

    @abstractmethod
    def notify(self, event: Event) -> None:
        """Отправь сообщение; вызывается из отдельного потока, исключение будет записано."""

    def close(self) -> None:
        """Закрой соединение."""
