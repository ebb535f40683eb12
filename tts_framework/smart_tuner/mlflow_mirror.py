"""MlflowMirror: родительский run запуска и вложенный run каждого trial (спецификация 10.7).

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
    MetricsReceived,
    RunResumed,
    RunStarted,
    RunStopped,
    TrialFinished,
    TrialStarted,
)
from tts_framework.smart_tuner import mlflow_runs as runs
from tts_framework.tracking.address import Address
from tts_framework.tracking.background import Background, Say
from tts_framework.tracking.server import Missing, Server
from tts_framework.tracking.shipping import ship
from tts_framework.tracking.spool import Spool, record_run

STATE = ".mlflow-mirror.json"


@dataclass
class Child:
    """Вложенный run; `run_id` и `closed` — достигнутое на сервере."""

    started: TrialStarted | None = None
    finished: TrialFinished | None = None
    run_id: str = ""
    closed: bool = False


@dataclass
class Picture:
    """Желаемое (события) и достигнутое на сервере (остальное; хранится в `STATE`)."""

    started: RunStarted | None = None
    stopped: RunStopped | None = None
    bests: list[BestImproved] = field(default_factory=list)
    children: dict[int, Child] = field(default_factory=dict)
    key: str = ""
    run_id: str = ""
    open: bool = False
    uploaded: dict[str, str] = field(default_factory=dict)

    def child(self, trial: int) -> Child:
        return self.children.setdefault(trial, Child())

    def forget(self) -> None:
        """Забудь достигнутое: на сервере этого больше нет."""
        self.run_id, self.open, self.uploaded = "", False, {}
        for child in self.children.values():
            child.run_id, child.closed = "", False


class MlflowMirror:
    """Отражает события запуска в MLflow.

    Измерения своего тренера берутся из накопителя, который он ведёт в папке trial; за чужой тренер
    (или свой без журнала `mlflow`) накопитель пишет само зеркало.
    """

    def __init__(
        self, settings: Settings, folder: Path, say: Say = logging.getLogger(__name__).warning
    ) -> None:
        self._folder, self._say = folder, say
        loggers = {use.use for use in settings.loggers}
        self._trainer_logs = settings.trainer.command is None and "mlflow" in loggers
        self._server = Server(Address.from_settings(settings.mlflow))
        self._lock = threading.Lock()
        self._picture, self._recalled = Picture(), ""
        self._closing = False
        self._background: Background | None = None

    def handle(self, event: Event) -> None:
        """Учти событие; не блокирует."""
        self._start()
        with self._lock:
            noted = self._note(event)
        if noted and self._background is not None:
            self._background.wake()

    def catch_up(self, events: Iterable[Event]) -> None:
        """Учти события прежних процессов; уже отражённое второй раз не отправится."""
        for event in events:
            self.handle(event)

    def close(self, timeout: float) -> None:
        """Отправь остаток и артефакты; о неотправленном скажи одной строкой."""
        if self._background is None:
            return
        self._closing = True
        left = self._background.close(timeout)
        self._background = None
        if left:
            self._say(
                f"mlflow: not everything was sent to {self._server.address.shown} ({left});"
                " start the run again to send the rest"
            )

    # --- желаемое: в потоке цикла -------------------------------------------------------------

    def _start(self) -> None:
        if self._background is None:
            self._recall()
            where = self._server.address.shown
            self._background = Background(self._reconcile, where, 2.0, self._say)

    def _note(self, event: Event) -> bool:
        picture = self._picture
        match event:
            case RunStarted():
                if runs.key_of(event) != picture.key:
                    self._picture = picture = Picture(key=runs.key_of(event))
                picture.started = event
            case RunResumed():
                picture.stopped = None
            case RunStopped():
                picture.stopped = event
            case TrialStarted():
                picture.child(event.trial).started = event
            case TrialFinished():
                picture.child(event.trial).finished = event
            case BestImproved():
                picture.bests.append(event)
            case MetricsReceived() if not self._trainer_logs:
                self._spool(event)
                return False
            case _:
                return False
        return True

    def _spool(self, event: MetricsReceived) -> None:
        spool = Spool(self._trial_folder(event.trial))
        for metric in event.metrics:
            values = {metric.tag: metric.value}
            spool.append({"metrics": values, "step": metric.step, "at": metric.wall_time})
        spool.close()

    def _trial_folder(self, trial: int) -> Path:
        return self._folder / "checkpoints" / f"trial_{trial:04d}"

    # --- достигнутое: в фоновом потоке --------------------------------------------------------

    def _reconcile(self) -> None:
        """Приведи сервер к желаемой картине."""
        with self._lock:
            picture, closing = self._picture, self._closing
            children, bests = sorted(picture.children.items()), list(picture.bests)
        if not picture.key:
            return
        try:
            self._reconcile_parent(picture)
            if not picture.run_id:
                return  # run на сервере пропал, а начало запуска ещё не повторено
            for trial, child in children:
                if not child.closed:
                    self._reconcile_child(picture, trial, child)
            for best in bests:
                runs.log_best(self._server, picture.run_id, best)
                picture.bests.remove(best)
            if closing and picture.stopped is not None:
                self._finish(picture, picture.stopped)
        except Missing:
            picture.forget()
            raise
        finally:
            self._remember()

    def _reconcile_parent(self, picture: Picture) -> None:
        if not picture.run_id and picture.started is not None:
            picture.run_id = runs.open_parent(self._server, picture.started)
        if picture.run_id and not picture.open:
            self._server.set_status(picture.run_id, "RUNNING")
            picture.open = True

    def _reconcile_child(self, picture: Picture, trial: int, child: Child) -> None:
        folder = self._trial_folder(trial)
        if not child.run_id:
            if child.started is None:
                return
            run_id = runs.open_child(self._server, picture.key, picture.run_id, child.started)
            folder.mkdir(parents=True, exist_ok=True)
            record_run(folder, run_id)
            child.run_id = run_id
        finished = child.finished
        ship(folder, child.run_id, self._server, self._say)
        if finished is not None:
            runs.close_child(self._server, child.run_id, finished)
            child.closed = True

    def _finish(self, picture: Picture, stopped: RunStopped) -> None:
        picture.uploaded = runs.upload(self._server, picture.run_id, self._folder, picture.uploaded)
        runs.close_parent(self._server, picture.run_id, stopped)
        picture.open = False

    # --- память между процессами --------------------------------------------------------------

    def _recall(self) -> None:
        try:
            state: dict[str, Any] = json.loads((self._folder / STATE).read_text())
            picture = Picture(
                key=str(state["key"]),
                run_id=str(state["run_id"]),
                open=bool(state["open"]),
                uploaded=dict(state["uploaded"]),
                children={
                    int(trial): Child(run_id=str(child["run_id"]), closed=bool(child["closed"]))
                    for trial, child in state["children"].items()
                },
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return  # памяти нет или она испорчена: всё найдётся на сервере по ключам
        self._picture = picture

    def _remember(self) -> None:
        picture = self._picture
        with self._lock:
            children = {
                str(trial): {"run_id": child.run_id, "closed": child.closed}
                for trial, child in sorted(picture.children.items())
                if child.run_id
            }
        state = {
            "key": picture.key,
            "run_id": picture.run_id,
            "open": picture.open,
            "uploaded": picture.uploaded,
            "children": children,
        }
        text = json.dumps(state)
        if text != self._recalled:
            files.write_text(self._folder / STATE, text)
            self._recalled = text
