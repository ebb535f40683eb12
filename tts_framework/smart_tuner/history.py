"""tuning_history.json: весь путь запуска — проекция хранилища (спецификация 10.7)."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from tts_framework.components import Store
from tts_framework.errors import TTSFError
from tts_framework.events import (
    Event,
    MetricsReceived,
    RunStarted,
    RunStopped,
    TrainerLaunched,
)
from tts_framework.files import write_text
from tts_framework.smart_tuner.memory import Memory, TrialRecord
from tts_framework.smart_tuner.objectives import pareto_front
from tts_framework.trials import COMMITTED, ROLLED_BACK

NAME = "tuning_history.json"
VERSION = 1
CurveOf = Callable[[int], tuple[tuple[int, float], ...]]
ValueOf = Callable[[int, str], float | None]
_FULL = (COMMITTED, ROLLED_BACK)
"""Исходы trial-ов, прошедших всю длину: только они сравнимы на фронте Парето."""
_LIVE_SECONDS = 5.0
"""Не чаще этого история переписывается, пока идёт trial."""


def build(
    memory: Memory, curve_of: CurveOf, value_of: ValueOf = lambda trial, metric: None
) -> dict[str, Any]:
    """Построй историю; в ней только JSON-типы, нечисловые значения заменены на null.

    `value_of` — последнее значение метрики trial; по нему строится фронт Парето.
    """
    run = memory.run
    if run is None:
        raise TTSFError("history: the run has not started; there is nothing to show yet")
    goals = [(goal["metric"], goal["mode"]) for goal in run.objectives or [run.objective]]
    values = {
        record.started.trial: _values(record, goals, value_of)
        for record in memory.trials
        if record.finished is not None
    }
    full = [r.started.trial for r in memory.trials if r.finished and r.finished.outcome in _FULL]
    document = {
        "schema_version": VERSION,
        "run": run.run,
        "seed": run.seed,
        "strategy": run.strategy,
        "optimizer": run.optimizer,
        "objective": run.objective,
        "objectives": [{"metric": metric, "mode": mode} for metric, mode in goals],
        "search_space": run.space,
        "base": run.base,
        "data": run.data,
        "framework_version": run.version,
        "started_at": run.at,
        "seconds": memory.seconds,
        "trials": [
            {**_trial(record, curve_of), "values": values.get(record.started.trial, {})}
            for record in memory.trials
        ],
        "lineage": list(memory.lineage),
        "pareto_front": pareto_front({number: values[number] for number in full}, goals),
        "best": memory.best.to_dict() if memory.best else None,
        "stopped": memory.stopped.to_dict() if memory.stopped else None,
        "notes": [event.to_dict() for event in memory.notes],
    }
    return _finite(document)


def _trial(record: TrialRecord, curve_of: CurveOf) -> dict[str, Any]:
    started, finished = record.started, record.finished
    return {
        "trial": started.trial,
        "kind": started.kind,
        "parent": started.parent,
        "parent_checkpoint": started.checkpoint,
        "parent_sha256": started.sha256,
        "start_iteration": started.start_iteration,
        "end_iteration": finished.end_iteration if finished else started.end_iteration,
        "hparams": started.hparams,
        "why": started.reason,
        "started_at": started.at,
        "outcome": finished.outcome if finished else "open",
        "reason": finished.reason if finished else "",
        "value": finished.value if finished else None,
        "score": finished.score if finished else None,
        "forecast": finished.forecast if finished else None,
        "forecast_std": finished.forecast_std if finished else None,
        "checkpoint": finished.checkpoint if finished else None,
        "sha256": finished.sha256 if finished else None,
        "seconds": finished.seconds if finished else None,
        "curve": [list(point) for point in curve_of(started.trial)],
        "attempts": len(record.attempts),
        "notes": [event.to_dict() for event in (*record.exits, *record.notes)],
    }


def _values(
    record: TrialRecord, goals: Sequence[tuple[str, str]], value_of: ValueOf
) -> dict[str, float]:
    """Собери значения целей законченного trial; первую цель оценил сам цикл."""
    number, found = record.started.trial, dict[str, float]()
    for index, (metric, _) in enumerate(goals):
        decided = record.finished.value if index == 0 and record.finished else None
        value = value_of(number, metric) if decided is None else decided
        if value is not None and math.isfinite(value):
            found[metric] = value
    return found


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


class HistoryFile:
    """Слушатель, который держит файл истории в согласии с хранилищем.

    Пишет, когда тренер уже запущен (решение не ждёт диска): после запуска и по мере измерений, но
    так, чтобы запись занимала не больше двадцатой доли времени, — и в конце запуска.
    """

    def __init__(self, folder: Path, open_store: Callable[[], Store]) -> None:
        self._folder = folder
        self._open_store = open_store
        self._next_at = 0.0

    def __call__(self, event: Event) -> None:
        now = time.monotonic()
        live = isinstance(event, MetricsReceived) and now >= self._next_at
        if not live and not isinstance(event, RunStarted | TrainerLaunched | RunStopped):
            return
        store = self._open_store()
        try:
            write(self._folder / NAME, read(store))
        finally:
            store.close()
        written = time.monotonic()
        self._next_at = written + max(_LIVE_SECONDS, 20 * (written - now))


def open_store(folder: Path) -> Store:
    """Открой хранилище запуска по его папке.

    Raises:
        TTSFError: в папке нет запуска.
    """
    from tts_framework import config_file
    from tts_framework.configure import configure
    from tts_framework.plugins import Plugins

    path = folder / "run.yaml"
    if not path.exists():
        raise TTSFError(f"{folder}: holds no run (no run.yaml); name a folder under 'output'")
    settings = config_file.load(path, environ=None)
    cls, config = configure(Plugins(), "store", settings.store, "store")
    return cls(config, folder)


def recall(store: Store) -> Memory:
    """Сверни события хранилища."""
    memory = Memory()
    for event in store.events():
        memory.apply(event)
    return memory


def read(store: Store) -> dict[str, Any]:
    """Построй историю по хранилищу."""
    memory = recall(store)
    objective = memory.run.objective["metric"] if memory.run else ""

    def value_of(trial: int, metric: str) -> float | None:
        end = memory.trials[trial].started.end_iteration
        known = [m.value for m in store.metrics(trial, metric) if m.step <= end]
        return known[-1] if known else None

    return build(
        memory,
        lambda trial: tuple((m.step, m.value) for m in store.metrics(trial, objective)),
        value_of,
    )


def write(path: Path, document: dict[str, Any]) -> None:
    """Запиши историю атомарно: читатель видит прежнюю или новую, но не половину."""
    write_text(path, json.dumps(document, ensure_ascii=False, indent=1) + "\n")


@cache
def schema() -> dict[str, Any]:
    """Верни JSON Schema истории."""
    text = files("tts_framework.smart_tuner").joinpath("history.schema.json").read_text("utf-8")
    return dict(json.loads(text))


def problems(path: Path) -> list[str]:
    """Проверь файл по схеме и на связность ветви; верни найденное, пусто — всё в порядке.

    Raises:
        TTSFError: файла нет или это не JSON.
    """
    from jsonschema import Draft202012Validator

    try:
        document = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise TTSFError(f"{path}: {error.strerror}; name a tuning_history.json") from error
    except ValueError as error:
        raise TTSFError(f"{path}: not JSON: {error}; restore the file from the run") from error
    found = [
        f"{path}: {error.json_path}: {error.message}"
        for error in Draft202012Validator(schema()).iter_errors(document)
    ]
    return found or [f"{path}: {text}" for text in _inconsistencies(document)]


def _inconsistencies(document: dict[str, Any]) -> list[str]:
    """Проверь то, чего схема не выразит: номера, родителей и стыки итераций."""
    found: list[str] = []
    trials = document["trials"]
    for number, trial in enumerate(trials):
        where = f"$.trials[{number}]"
        if trial["trial"] != number:
            found.append(f"{where}.trial: {trial['trial']}, expected {number}")
        parent = trial["parent"]
        if parent is None:
            continue
        if parent >= number:
            found.append(f"{where}.parent: {parent} is not an earlier trial")
        elif trials[parent]["end_iteration"] != trial["start_iteration"]:
            found.append(
                f"{where}.start_iteration: {trial['start_iteration']}, its parent ended at"
                f" {trials[parent]['end_iteration']}"
            )
    for number in document["lineage"]:
        if number >= len(trials) or trials[number]["outcome"] != "committed":
            found.append(f"$.lineage: trial {number} is not committed")
    return found
