"""`tensorboard`: журнал обучения и наблюдатель за файлами событий."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tts_framework.components import (
    Logger,
    LogTarget,
    Picture,
    Sound,
    TrialSource,
    Watcher,
)
from tts_framework.events import Metric
from tts_framework.hookspecs import hookimpl


class TensorBoardLogger(Logger):
    """Пишет скаляры, картинки и звуки; записанное видно читателю сразу."""

    def __init__(self, config: Any, target: LogTarget) -> None:
        from tts_framework.training.tensorboard_logger import EventLog

        super().__init__(config, target)
        self._log = EventLog(target)

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Запиши скаляры шага одной записью."""
        self._log.scalars(step, values)

    def picture(self, step: int, picture: Picture) -> None:
        """Запиши картинку в PNG."""
        self._log.picture(step, picture)

    def sound(self, step: int, sound: Sound) -> None:
        """Запиши звук в WAV."""
        self._log.sound(step, sound)

    def close(self) -> None:
        """Закрой файл."""
        self._log.close()


class TensorBoardWatcher(Watcher):
    """Дочитывает файлы событий в папке журналов: своего trial или все, если суффикса нет."""

    def __init__(self, config: Any, source: TrialSource) -> None:
        from tts_framework.training.tensorboard_watcher import EventReader

        super().__init__(config, source)
        self._reader = EventReader(source)

    def paths(self) -> Sequence[Path]:
        """Назови папку журналов."""
        return (self.source.log_directory,)

    def read(self) -> list[Metric]:
        """Верни новые измерения."""
        return self._reader.read()


@hookimpl
def ttsf_logger() -> type[Logger]:
    return TensorBoardLogger


@hookimpl
def ttsf_watcher() -> type[Watcher]:
    return TensorBoardWatcher
