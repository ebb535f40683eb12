"""Запуск и его trial-ы на сервере MLflow: что и в какой run записать (спецификация 10.7)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tts_framework import files
from tts_framework.events import (
    BestImproved,
    Metric,
    RunStarted,
    RunStopped,
    TrialFinished,
    TrialStarted,
    Value,
)
from tts_framework.tracking.server import Server
from tts_framework.trials import DIVERGED, FAILED, PRUNED

ARTIFACTS = ("best_model.ckpt", "tuning_history.json")
_STATUS = {FAILED: "FAILED", DIVERGED: "FAILED", PRUNED: "KILLED"}


def key_of(event: RunStarted) -> str:
    """Верни ключ запуска: имя и время его начала, одинаковые во всех процессах запуска."""
    return f"{event.run}@{event.at:.6f}"


def open_parent(server: Server, event: RunStarted) -> str:
    """Найди или создай родительский run и верни его id."""
    tags = {"ttsf.run": event.run, "ttsf.kind": "tune", "ttsf.version": event.version}
    run_id = server.find_or_create(key_of(event), event.run, tags, event.at)
    params: dict[str, Value] = {
        "strategy": event.strategy,
        "optimizer": event.optimizer,
        "seed": event.seed,
        **{f"objective.{name}": value for name, value in event.objective.items()},
        **{f"base.{name}": value for name, value in event.base.items()},
        **{f"space.{name}": str(axis) for name, axis in event.space.items()},
        **{f"data.{name}": value for name, value in event.data.items()},
    }
    server.log(run_id, params=params, tags={f"ttsf.data.{k}": v for k, v in event.data.items()})
    return run_id


def open_child(server: Server, key: str, parent_id: str, event: TrialStarted) -> str:
    """Найди или создай вложенный run одного trial и верни его id."""
    tags = {
        "mlflow.parentRunId": parent_id,
        "ttsf.run": key.rpartition("@")[0],
        "ttsf.trial": str(event.trial),
        "ttsf.kind": event.kind,
        "ttsf.parent": "" if event.parent is None else str(event.parent),
        "ttsf.checkpoint": event.checkpoint or "",
        "ttsf.start_iteration": str(event.start_iteration),
        "ttsf.why": event.reason,
    }
    name = f"trial_{event.trial:04d}"
    run_id = server.find_or_create(f"{key}/{name}", name, tags, event.at)
    server.log(run_id, params=event.hparams)
    return run_id


def close_child(server: Server, run_id: str, event: TrialFinished) -> None:
    """Запиши итог trial и закрой его run."""
    numbers = {"value": event.value, "score": event.score, "forecast": event.forecast}
    metrics = [
        Metric(name, event.end_iteration, value, event.at)
        for name, value in numbers.items()
        if value is not None
    ]
    tags = {"ttsf.outcome": event.outcome, "ttsf.reason": event.reason}
    server.log(run_id, metrics, tags=tags)
    server.set_status(run_id, _STATUS.get(event.outcome, "FINISHED"), event.at)


def log_best(server: Server, run_id: str, event: BestImproved) -> None:
    """Запиши новое лучшее значение в родительский run; шаг — номер trial."""
    metric = Metric(f"best.{event.metric}", event.trial, event.value, event.at)
    tags: dict[str, Value] = {"ttsf.best_trial": event.trial, "ttsf.best": event.value}
    server.log(run_id, [metric], tags=tags)


def upload(server: Server, run_id: str, folder: Path, sent: Mapping[str, str]) -> dict[str, str]:
    """Отправь артефакты, изменившиеся с прошлого раза; верни sha256 отправленных."""
    known = dict(sent)
    for name in ARTIFACTS:
        path = folder / name
        if path.is_file() and known.get(name) != (digest := files.sha256(path)):
            server.upload(run_id, path)
            known[name] = digest
    return known


def close_parent(server: Server, run_id: str, event: RunStopped) -> None:
    """Закрой родительский run: FINISHED, а прерванный — KILLED, пока его не продолжат."""
    server.log(run_id, tags={"ttsf.stop_reason": event.reason})
    server.set_status(run_id, "FINISHED" if event.finished else "KILLED", event.at)
