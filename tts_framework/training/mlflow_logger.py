"""Журнал обучения в MLflow: шаг только дописывает строку в файл, остальное — в фоне."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from pathlib import Path

from tts_framework import files
from tts_framework.components import LogTarget
from tts_framework.events import Value
from tts_framework.tracking.address import Address
from tts_framework.tracking.background import Background, Say
from tts_framework.tracking.server import Missing, Server
from tts_framework.tracking.shipping import ship
from tts_framework.tracking.spool import Spool, record_run, recorded_run

BEST = "best_model.ckpt"
_KEY_FILE = ".mlflow-key"
_STATUS = {"finished": "FINISHED", "interrupted": "KILLED"}


class RunLog:
    """Накопитель одного обучения и, если обучение не под тюнером, поток отправки.

    Под тюнером (`TTSF_MLFLOW_RUN_FILE` в окружении) накопленное отправляет зеркало тюнера: ему не
    нужно при каждом перезапуске заново импортировать `mlflow`.
    """

    def __init__(self, target: LogTarget, close_seconds: float, say: Say = print) -> None:
        self._folder = target.output_dir
        self._close_seconds = close_seconds
        self._say = say
        self._spool = Spool(self._folder)
        self._background: Background | None = None
        if "TTSF_MLFLOW_RUN_FILE" not in target.environment:
            self._spool.append({"status": "RUNNING", "at": time.time()})
            delivery = Delivery(target, say)
            self._background = Background(delivery, delivery.where, 1.0, say)

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Запиши скаляры шага."""
        self._spool.append({"metrics": dict(values), "step": step, "at": time.time()})

    def params(self, values: Mapping[str, Value]) -> None:
        """Запиши параметры."""
        self._spool.append({"params": dict(values)})

    def flush(self) -> None:
        """Разбуди поток отправки."""
        if self._background is not None:
            self._background.wake()

    def finished(self, outcome: str) -> None:
        """Запиши итог обучения: с ним уйдут лучший чекпоинт и состояние run."""
        if self._background is not None:
            self._spool.append({"artifact": BEST})
            self._spool.append({"status": _STATUS.get(outcome, "FAILED"), "at": time.time()})

    def close(self) -> None:
        """Отправь остаток; что не ушло, уйдёт при следующем запуске в той же папке."""
        self._spool.close()
        if self._background is not None:
            left = self._background.close(self._close_seconds)
            self._background = None
            if left:
                self._say(
                    f"mlflow: not everything was sent ({left}); it is kept in {self._folder},"
                    " run the same command again to send it"
                )


class Delivery:
    """Находит или создаёт run этого обучения и отправляет в него накопленное."""

    def __init__(self, target: LogTarget, say: Say) -> None:
        address = Address.from_environment(target.environment)
        self.where = address.shown
        self._target, self._say = target, say
        self._server = Server(address)
        self._run_id: str | None = None

    def __call__(self) -> None:
        """Отправь всё, что накопилось."""
        folder = self._target.output_dir
        try:
            self._run_id = self._run_id or self._find()
            ship(folder, self._run_id, self._server, self._say)
        except Missing:
            self._run_id = None
            raise

    def _find(self) -> str:
        folder, given = self._target.output_dir, self._target.environment.get("MLFLOW_RUN_ID")
        known = given or recorded_run(folder)
        if known and self._server.knows(known):
            return known
        tags = {"ttsf.run": self._target.run, "ttsf.kind": "train"}
        run_id = self._server.find_or_create(_key(folder), self._target.run, tags, time.time())
        record_run(folder, run_id)
        return run_id


def _key(folder: Path) -> str:
    """Верни ключ этого обучения; он на диске раньше, чем run на сервере, поэтому run один."""
    path = folder / _KEY_FILE
    if not path.exists():
        files.write_text(path, uuid.uuid4().hex)
    return path.read_text()
