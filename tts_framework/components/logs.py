"""Журналы обучения и наблюдатели, которые читают их обратно."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from tts_framework.components.base import Component
from tts_framework.components.media import Picture, Sound
from tts_framework.events import Metric, Value


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

    `rename` переводит теги тренера в канонические имена (`validation.loss` -> `val_loss`);
    `log_file` — файл, в который тюнер пишет вывод тренера.
    """

    trial: int
    output_dir: Path
    log_directory: Path
    suffix: str
    rename: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)
    log_file: Path | None = None


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
