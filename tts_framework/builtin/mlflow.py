"""`mlflow`: журнал обучения и наблюдатель за run MLflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from tts_framework.components import Logger, LogTarget, Options, TrialSource, Watcher
from tts_framework.events import Metric, Value
from tts_framework.hookspecs import hookimpl


class MLflowLogger(Logger):
    """Пишет в накопитель на диске; отправляет фоновый поток (у тюнера — его зеркало)."""

    class Config(Options):
        """Настройки журнала MLflow."""

        close_seconds: float = Field(
            15.0, gt=0, description="Сколько ждать отправки остатка в конце обучения, с."
        )

    def __init__(self, config: Any, target: LogTarget) -> None:
        from tts_framework.training.mlflow_logger import RunLog

        super().__init__(config, target)
        self._log = RunLog(target, config.close_seconds)

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Запиши скаляры шага."""
        self._log.scalars(step, values)

    def params(self, values: Mapping[str, Value]) -> None:
        """Запиши параметры обучения."""
        self._log.params(values)

    def flush(self) -> None:
        """Разбуди отправку."""
        self._log.flush()

    def finished(self, outcome: str) -> None:
        """Запиши итог и лучший чекпоинт."""
        self._log.finished(outcome)

    def close(self) -> None:
        """Отправь остаток, но не дольше `close_seconds`."""
        self._log.close()


class MLflowWatcher(Watcher):
    """Отдаёт измерения, которые тренер этого trial пишет в свой run MLflow.

    Свой тренер (у него есть суффикс журналов) пишет через накопитель на диске — он и читается;
    run чужой программы спрашивают у сервера.
    """

    def __init__(self, config: Any, source: TrialSource) -> None:
        from tts_framework.training.mlflow_watcher import RunPoll, SpoolTail

        super().__init__(config, source)
        self._reader: RunPoll | SpoolTail = (SpoolTail if source.suffix else RunPoll)(source)

    def paths(self) -> Sequence[Path]:
        """Назови файл, изменение которого означает новое; у сервера его нет, и его опрашивают."""
        return self._reader.paths()

    def read(self) -> list[Metric]:
        """Верни новые измерения."""
        return self._reader.read()

    def close(self) -> None:
        """Останови опрос."""
        self._reader.close()


@hookimpl
def ttsf_logger() -> type[Logger]:
    return MLflowLogger


@hookimpl
def ttsf_watcher() -> type[Watcher]:
    return MLflowWatcher
