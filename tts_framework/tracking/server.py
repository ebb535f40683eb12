"""Server: MLflow глазами фреймворка — найти или создать run, дописать, закрыть.

Каждый вызов либо удался, либо поднял `Unavailable` (стоит повторить) или `Rejected` (не стоит).
Все вызовы можно повторять: созданное находится по тегу `ttsf.key`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tts_framework.events import Metric, Value
from tts_framework.tracking.address import Address, without_credentials

KEY = "ttsf.key"
_MAX_VALUE = 5000
_FINAL = ("INVALID_PARAMETER_VALUE", "RESOURCE_ALREADY_EXISTS", "BAD_REQUEST")
_MISSING = "RESOURCE_DOES_NOT_EXIST"


class Unavailable(Exception):
    """Сервер не отвечает или занят: повторить позже."""


class Missing(Unavailable):
    """Такого run на сервере больше нет: базу заменили, run надо создать заново."""


class Rejected(Exception):
    """Сервер понял запрос и отказал: повторять бесполезно."""


class Server:
    """Соединение с MLflow; устанавливается при первом вызове."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._client: Any = None
        self._experiment = ""

    def find_or_create(
        self, key: str, name: str, tags: Mapping[str, str], started_at: float
    ) -> str:
        """Верни id run с этим ключом, создав его при первом обращении."""
        with self._calling() as client:
            query = f"tags.`{KEY}` = '{key}'"
            known = client.search_runs([self._experiment], query, max_results=1)
            if known:
                return str(known[0].info.run_id)
            run = client.create_run(
                self._experiment,
                start_time=int(started_at * 1000),
                tags={**tags, KEY: key},
                run_name=name,
            )
            return str(run.info.run_id)

    def knows(self, run_id: str) -> bool:
        """Скажи, есть ли такой run (и не удалён ли он)."""
        try:
            with self._calling() as client:
                return str(client.get_run(run_id).info.lifecycle_stage) == "active"
        except Missing:
            return False

    def log(
        self,
        run_id: str,
        metrics: Sequence[Metric] = (),
        params: Mapping[str, Value] | None = None,
        tags: Mapping[str, Value] | None = None,
    ) -> None:
        """Допиши измерения, параметры и теги; длинные значения усекаются до предела MLflow."""
        with self._calling() as client:
            from mlflow.entities import Metric as Point
            from mlflow.entities import Param, RunTag

            points = [Point(m.tag, m.value, int(m.wall_time * 1000), m.step) for m in metrics]
            named = [Param(k, str(v)[:_MAX_VALUE]) for k, v in (params or {}).items()]
            labels = [RunTag(k, str(v)[:_MAX_VALUE]) for k, v in (tags or {}).items()]
            while points or named or labels:
                client.log_batch(run_id, points[:900], named[:100], labels[:100])
                points, named, labels = points[900:], named[100:], labels[100:]

    def latest(self, run_id: str) -> dict[str, str]:
        """Верни отметку последнего измерения каждого тега: изменилась — есть новое."""
        with self._calling() as client:
            points = client.get_run(run_id).data._metric_objs
            return {p.key: f"{p.step} {p.timestamp} {p.value}" for p in points}

    def history(self, run_id: str, tag: str) -> list[Metric]:
        """Верни все измерения одного тега."""
        with self._calling() as client:
            points = client.get_metric_history(run_id, tag)
            return [Metric(tag, p.step, p.value, p.timestamp / 1000) for p in points]

    def upload(self, run_id: str, path: Path) -> None:
        """Отправь файл артефактом под его именем."""
        with self._calling() as client:
            client.log_artifact(run_id, str(path))

    def set_status(self, run_id: str, status: str, at: float | None = None) -> None:
        """Поставь состояние run: RUNNING, FINISHED, FAILED или KILLED (последние закрывают его)."""
        with self._calling() as client:
            if status == "RUNNING":
                client.update_run(run_id, status=status)
            else:
                client.set_terminated(run_id, status, int((at or time.time()) * 1000))

    @contextmanager
    def _calling(self) -> Iterator[Any]:
        try:
            if self._client is None:
                self._client, self._experiment = _connect(self.address)
            yield self._client
        except Exception as error:
            text = without_credentials(" ".join(str(error).split()))[:200]
            code = getattr(error, "error_code", None)
            if code == _MISSING:
                raise Missing(text) from error
            if code in _FINAL:
                raise Rejected(text) from error
            raise Unavailable(text) from error


def _connect(address: Address) -> tuple[Any, str]:
    import mlflow
    from mlflow import environment_variables as variables

    # Умолчания MLflow (120 с, 7 повторов) задержали бы конец обучения на минуты. Меняются именно
    # умолчания, не окружение: его унаследовал бы чужой тренер.
    variables.MLFLOW_HTTP_REQUEST_TIMEOUT.default = 10
    variables.MLFLOW_HTTP_REQUEST_MAX_RETRIES.default = 0
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    if address.database is not None:
        address.database.parent.mkdir(parents=True, exist_ok=True)
    client = mlflow.MlflowClient(tracking_uri=address.uri)
    return client, _experiment(client, address)


def _experiment(client: Any, address: Address) -> str:
    from mlflow.exceptions import MlflowException

    known = client.get_experiment_by_name(address.experiment)
    if known is not None:
        return str(known.experiment_id)
    try:
        return str(client.create_experiment(address.experiment, address.artifacts))
    except MlflowException:
        known = client.get_experiment_by_name(address.experiment)
        if known is None:
            raise
        return str(known.experiment_id)  # другой процесс успел раньше
