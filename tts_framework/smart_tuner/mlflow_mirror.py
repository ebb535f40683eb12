"""MlflowMirror: запуск и его trial-ы как родительский и вложенные run MLflow (спецификация 10.7).

События лишь меняют желаемую картину; фоновый поток приводит к ней сервер. Поэтому цикл никогда не
ждёт, простой сервера ничего не теряет, а повтор событий после сбоя ничего не создаёт дважды.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tts_framework import files
from tts_framework.config import Settings
from tts_framework.events import (
    BestImproved,
    Event,
    Metric,
    MetricsReceived,
    RunResumed,
    RunStarted,
    RunStopped,
    TrialFinished,
    TrialStarted,
    Value,
)
from tts_framework.tracking.address import Address
from tts_framework.tracking.background import Background, Say
from tts_framework.tracking.server import Missing, Rejected, Server
from tts_framework.tracking.shipping import ship
from tts_framework.tracking.spool import Spool, SpoolReader, record_run
from tts_framework.trials import DIVERGED, FAILED

STATE = ".mlflow-mirror.json"
ARTIFACTS = ("best_model.ckpt", "tuning_history.json")


@dataclass
class Child:
    """Вложенный run одного trial; `run_id` и `closed` — уже достигнутое на сервере."""

    started: TrialStarted | None = None
    finished: TrialFinished | None = None
    run_id: str = ""
    closed: bool = False


@dataclass
class Parent:
    """Родительский run; поля после `bests` — уже достигнутое на сервере."""

    started: RunStarted | None = None
    stopped: RunStopped | None = None
    bests: list[BestImproved] = field(default_factory=list)
    key: str = ""
    run_id: str = ""
    status: str = ""
    uploaded: dict[str, str] = field(default_factory=dict)


class MlflowMirror:
    """Отражает события запуска в MLflow, если журнал или наблюдатель `mlflow` назван в настройках.

    Измерения собственного тренера берутся из его накопителя (`.mlflow-spool.jsonl` в папке trial);
    за чужой тренер накопитель пишет само зеркало.
    """

    def __init__(
        self, settings: Settings, folder: Path, say: Say = logging.getLogger(__name__).warning
    ) -> None:
        self._settings, self._folder, self._say = settings, folder, say
        named = {use.use for use in (*settings.loggers, *settings.watchers)}
        self._enabled = "mlflow" in named
        self._trainer_logs = settings.trainer.command is None and any(
            use.use == "mlflow" for use in settings.loggers
        )
        self._lock = threading.Lock()
        self._parent, self._children = Parent(), dict[int, Child]()
        self._closing = False
        self._background: Background | None = None

    def handle(self, event: Event) -> None:
        """Учти событие; не блокирует."""
        if self._enabled and self._take(event) and self._background is not None:
            self._background.wake()

    def catch_up(self, events: Iterable[Event]) -> None:
        """Учти события прежних процессов: уже отражённое второй раз не отправляется."""
        if self._enabled:
            for event in events:
                self._take(event)

    def close(self, timeout: float) -> None:
        """Отправь остаток и артефакты; о неотправленном скажи одной строкой."""
        self._closing = True
        if self._background is None:
            return
        left = self._background.close(timeout)
        self._background = None
        if left:
            self._say(
                f"mlflow: not everything was sent to {self._address.shown} ({left});"
                " start the run again to send the rest"
            )

    # --- желаемое: поток цикла ----------------------------------------------------------------

    def _take(self, event: Event) -> bool:
        with self._lock:
            match event:
                case RunStarted():
                    self._parent.started = event
                    self._parent.key = f"{event.run}@{event.at:.6f}"
                    self._start()
                case RunResumed():
                    self._parent.stopped = None
                    self._start()
                case RunStopped():
                    self._parent.stopped = event
                case TrialStarted():
                    self._child(event.trial).started = event
                case TrialFinished():
                    self._child(event.trial).finished = event
                case BestImproved():
                    self._parent.bests.append(event)
                case MetricsReceived() if not self._trainer_logs:
                    self._spool(event)
                case _:
                    return False
        return True

    def _child(self, trial: int) -> Child:
        return self._children.setdefault(trial, Child())

    def _spool(self, event: MetricsReceived) -> None:
        spool = Spool(self._trial_folder(event.trial))
        for metric in event.metrics:
            values = {metric.tag: metric.value}
            spool.append({"metrics": values, "step": metric.step, "at": metric.wall_time})
        spool.close()

    def _start(self) -> None:
        if self._background is None:
            self._address = Address.from_settings(self._settings.mlflow)
            self._server = Server(self._address)
            self._recall()
            self._background = Background(self._reconcile, self._address.shown, 1.0, self._say)

    def _trial_folder(self, trial: int) -> Path:
        return self._folder / "checkpoints" / f"trial_{trial:04d}"

    # --- достигнутое: фоновый поток -----------------------------------------------------------

    def _reconcile(self) -> bool:
        """Приведи сервер к желаемой картине; верни True, если что-то осталось."""
        with self._lock:
            parent, children = self._parent, dict(sorted(self._children.items()))
            bests, closing = list(parent.bests), self._closing
        if not parent.key:
            return False
        try:
            self._open_parent(parent)
            for trial, child in children.items():
                if not child.closed:
                    self._mirror_child(trial, child)
            self._mirror_bests(parent, bests)
            if closing and parent.stopped is not None:
                self._close_parent(parent, parent.stopped)
        except Missing:
            self._forget()
            raise
        finally:
            self._remember()
        return self._pending(children)

    def _pending(self, children: dict[int, Child]) -> bool:
        return any(
            not child.closed
            and (
                (child.finished is not None)
                or (child.run_id != "" and SpoolReader(self._trial_folder(t), child.run_id).waiting)
            )
            for t, child in children.items()
        )
