"""Запуск целиком: цикл, его слушатели и сигналы человека."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

from tts_framework.errors import TTSFError
from tts_framework.events import Event, RunCrashed, RunResumed, RunStopped
from tts_framework.plan import Plan
from tts_framework.secrets import redact
from tts_framework.smart_tuner.alert_manager import AlertManager
from tts_framework.smart_tuner.broadcast import Broadcast, Listener
from tts_framework.smart_tuner.history import HistoryFile
from tts_framework.smart_tuner.loop import tune
from tts_framework.smart_tuner.mlflow_mirror import MlflowMirror
from tts_framework.smart_tuner.referee import StopRequest

_FLUSH_SECONDS = 20.0


def run(plan: Plan, listeners: Mapping[str, Listener], say: Callable[[str], None]) -> RunStopped:
    """Проведи запуск от начала (или места остановки) до конца; верни последнее событие.

    Первый Ctrl-C останавливает бережно, второй — немедленно; зафиксированное не теряется.

    Raises:
        TTSFError: запуск нельзя начать или продолжить.
        KeyboardInterrupt: второй Ctrl-C.
    """
    request = StopRequest()
    cls, config = plan.store
    history = HistoryFile(plan.folder, lambda: cls(config, plan.folder))
    alerts = AlertManager(plan.alerters, secrets=plan.secrets)
    alerts.tell(
        run=plan.settings.run,
        folder=str(plan.folder),
        host=socket.gethostname(),
        metric=plan.settings.tuner.objective.metric,
    )
    heard: dict[str, Listener] = {"history": history, "alerts": alerts.handle}
    mirror = MlflowMirror(plan.settings, plan.folder, say) if _uses_mlflow(plan) else None
    if mirror is not None:
        heard["mlflow"] = mirror.handle
    broadcast = Broadcast({**heard, **listeners})
    last: Event | None = None
    with _signals(request, say):
        try:
            for last in tune(plan, request):
                if isinstance(last, RunResumed):
                    _recall(plan, alerts, mirror)
                broadcast(last)
        except (TTSFError, KeyboardInterrupt):
            raise
        except Exception as error:
            alerts.handle(RunCrashed(error=redact(f"{type(error).__name__}: {error}")))
            raise
        finally:
            if mirror is not None:
                mirror.close(_FLUSH_SECONDS)
            alerts.close(_FLUSH_SECONDS)
    assert isinstance(last, RunStopped)
    return last


def _recall(plan: Plan, alerts: AlertManager, mirror: MlflowMirror | None) -> None:
    """Напомни слушателям прошлое: MLflow — неотражённое, оповещениям — кривую."""
    cls, config = plan.store
    store = cls(config, plan.folder)
    try:
        alerts.recall(store.events())
        if mirror is not None:
            mirror.catch_up(store.events())
    finally:
        store.close()


def _uses_mlflow(plan: Plan) -> bool:
    settings = plan.settings
    return any(use.use == "mlflow" for use in (*settings.loggers, *settings.watchers))


@contextmanager
def _signals(request: StopRequest, say: Callable[[str], None]) -> Iterator[None]:
    """Преврати первый SIGINT или SIGTERM в просьбу остановиться, второй — в немедленный конец."""

    def handle(number: int, frame: FrameType | None) -> None:
        if request.reason:
            raise KeyboardInterrupt
        name = signal.Signals(number).name
        request.ask(f"interrupted by {name}")
        say(f"{name}: saving a checkpoint and stopping; once more to stop at once")

    numbers = (signal.SIGINT, signal.SIGTERM)
    previous = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
