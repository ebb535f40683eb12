"""`mlflow`: журнал обучения, наблюдатель за run MLflow и версии данных в хранилище артефактов."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from tts_framework.components import Logger, LogTarget, Options, TrialSource, Versions, Watcher
from tts_framework.events import Metric, Value
from tts_framework.hookspecs import hookimpl

if TYPE_CHECKING:
    from tts_framework.tracking.datasets import DatasetStore


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


class MLflowVersions(Versions):
    """Хранит версии данных в хранилище артефактов MLflow: на диске или за сервером."""

    workers = 8

    class Config(Options):
        """Настройки хранилища версий."""

        tracking_uri: str | None = Field(
            None,
            description="Адрес сервера; по умолчанию MLFLOW_TRACKING_URI, а если его нет — SQLite"
            " в `mlruns/mlflow.db`.",
        )
        experiment: str = Field(
            "ttsf-datasets", min_length=1, description="Эксперимент, в котором живут версии."
        )

    @cached_property
    def _store(self) -> DatasetStore:
        import os

        from tts_framework.tracking.address import DEFAULT_URI
        from tts_framework.tracking.datasets import DatasetAddress, DatasetStore

        named = self.config.tracking_uri or os.environ.get("MLFLOW_TRACKING_URI")
        return DatasetStore(DatasetAddress(named or DEFAULT_URI, self.config.experiment))

    def staging(self) -> Path:
        """Снимай рядом с содержимым, если оно на этой машине."""
        from tts_framework.tracking.datasets import staging

        return staging(self._store.root)

    def missing(self, sizes: Mapping[str, int]) -> set[str]:
        """Сверь имена и размеры."""
        return self._store.missing(sizes, self.workers)

    def put(self, digest: str, staged: Path) -> None:
        """Положи или отправь содержимое."""
        self._store.put(digest, staged)

    def get(self, digest: str, path: Path) -> None:
        """Прочитай или получи содержимое."""
        self._store.get(digest, path)

    def publish(self, record: bytes, manifest: bytes) -> None:
        """Создай run версии."""
        self._store.publish(record)

    def records(self) -> list[bytes]:
        """Прочитай теги run-ов эксперимента."""
        return self._store.records()


@hookimpl
def ttsf_logger() -> type[Logger]:
    return MLflowLogger


@hookimpl
def ttsf_watcher() -> type[Watcher]:
    return MLflowWatcher


@hookimpl
def ttsf_versions() -> type[Versions]:
    return MLflowVersions
