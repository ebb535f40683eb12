"""Зеркало запуска для optuna-dashboard: `python -m ttsf_optuna_engine.mirror output/ru-nsh`.

Читает опубликованную историю (`tuning_history.json`) и ведёт по ней исследование Optuna в файле
SQLite: завершённые trial-ы дописываются, идущий виден вместе с новыми точками кривой. Тюнер этим
файлом не пользуется, удалить его можно в любой момент.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import RDBStorage
from optuna.study import Study
from optuna.trial import TrialState, create_trial

from tts_framework.errors import TTSFError
from tts_framework.space import Parameter, Space
from tts_framework.trials import DIVERGED, FAILED, PRUNED
from ttsf_optuna_engine.observations import distributions, quiet

HISTORY = "tuning_history.json"
DATABASE = "optuna.db"
_DESCRIBED = ("kind", "outcome", "parent", "start_iteration", "end_iteration", "value", "reason")


def write(history: Mapping[str, Any], database: Path) -> int:
    """Допиши в файл завершённые trial-ы и покажи идущий; верни, сколько завершённых дописано.

    Повторный вызов безвреден. При одной цели значение — `score` (больше — лучше), кривая целевой
    метрики — промежуточные значения; при нескольких значения — сами метрики в их направлениях.

    Raises:
        TTSFError: исследование в файле — другого запуска или других целей.
    """
    quiet()
    storage = RDBStorage(f"sqlite:///{database}")
    try:
        study = optuna.create_study(
            study_name=history["run"],
            storage=storage,
            directions=_directions(history),
            load_if_exists=True,
        )
        _check(study, history, database)
        return _Mirror(study, history).update()
    finally:
        storage.engine.dispose()


def _goals(history: Mapping[str, Any]) -> list[Mapping[str, str]]:
    goals = history.get("objectives", ())
    return list(goals) if len(goals) > 1 else []


def _directions(history: Mapping[str, Any]) -> list[str]:
    return [f"{goal['mode']}imize" for goal in _goals(history)] or ["maximize"]


def _check(study: Study, history: Mapping[str, Any], database: Path) -> None:
    wanted = _directions(history)
    known = [direction.name.lower() for direction in study.directions]
    trials, extra = len(history["trials"]), len(study.get_trials(deepcopy=False))
    if known != wanted or extra > trials:
        raise TTSFError(f"{database}: mirrors another run; delete it or name another --database")


class _Mirror:
    """Приводит исследование в согласие с историей; номер trial там и тут один."""

    def __init__(self, study: Study, history: Mapping[str, Any]) -> None:
        self._study = study
        self._trials = history["trials"]
        self._goals = _goals(history)
        self._space = _space(history["search_space"])
        self._distributions = distributions(self._space)

    def update(self) -> int:
        """Закончи начатые, добавь завершённые, покажи открытый; верни, сколько завершено."""
        states = [trial.state for trial in self._study.get_trials(deepcopy=False)]
        added = 0
        for number, trial in enumerate(self._trials):
            running = number < len(states) and states[number] == TrialState.RUNNING
            if running or (number >= len(states) and trial["outcome"] == "open"):
                added += self._follow(trial, None if running else self._start(trial))
            elif number >= len(states):
                self._add(trial)
                added += 1
        return added

    def _start(self, trial: Mapping[str, Any]) -> optuna.Trial:
        """Начни trial с заданными значениями: из очереди `ask` берёт их, а не сэмплера."""
        params = self._params(trial)
        self._study.enqueue_trial(params)
        return self._study.ask({name: self._distributions[name] for name in params})

    def _follow(self, trial: Mapping[str, Any], running: optuna.Trial | None) -> int:
        """Допиши точки идущего trial; закончился — закончи и его."""
        number = trial["trial"]
        known = self._study.get_trials(deepcopy=False)[number]
        live = running or optuna.Trial(self._study, known._trial_id)
        if not self._goals:
            for step, value in self._curve(trial).items():
                if step not in known.intermediate_values:
                    live.report(value, step)
        if trial["outcome"] == "open":
            return 0
        for key in _DESCRIBED:
            live.set_user_attr(key, trial[key])
        state, values = self._outcome(trial)
        self._study.tell(number, values if state is TrialState.COMPLETE else None, state)
        return 1

    def _add(self, trial: Mapping[str, Any]) -> None:
        params = self._params(trial)
        state, values = self._outcome(trial)
        self._study.add_trial(
            create_trial(
                state=state,
                values=values,
                params=params,
                distributions={name: self._distributions[name] for name in params},
                intermediate_values={} if self._goals else self._curve(trial),
                user_attrs={key: trial[key] for key in _DESCRIBED},
            )
        )

    def _outcome(self, trial: Mapping[str, Any]) -> tuple[TrialState, list[float] | None]:
        """Верни состояние и значения; прерванный показывает последнюю оценку."""
        measured = trial.get("values", {})
        values = [measured.get(goal["metric"]) for goal in self._goals] or [trial["score"]]
        complete = all(value is not None for value in values)
        if trial["outcome"] == PRUNED:
            return TrialState.PRUNED, values if complete and not self._goals else None
        if trial["outcome"] in (FAILED, DIVERGED) or not complete:
            return TrialState.FAIL, None
        return TrialState.COMPLETE, values

    def _params(self, trial: Mapping[str, Any]) -> dict[str, Any]:
        return self._space.clip(trial["hparams"])

    @staticmethod
    def _curve(trial: Mapping[str, Any]) -> dict[int, float]:
        return {step: value for step, value in trial["curve"] if value is not None}


def _space(axes: Mapping[str, Mapping[str, Any]]) -> Space:
    parameters = {}
    for name, axis in axes.items():
        choices = tuple(axis.get("choices", ()))
        bounds = {} if choices else {"low": axis["low"], "high": axis["high"]}
        parameters[name] = Parameter(name, axis["type"], choices=choices, **bounds)
    return Space(parameters)


def load(folder: Path) -> dict[str, Any]:
    """Прочти историю запуска.

    Raises:
        TTSFError: истории нет или она не читается.
    """
    path = folder / HISTORY
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except OSError as error:
        raise TTSFError(f"{path}: {error.strerror}; name the folder of a started run") from error
    except ValueError as error:
        raise TTSFError(f"{path}: not a history: {error}; check the run folder") from error


def main(arguments: list[str] | None = None) -> int:
    """Обнови зеркало один раз или, с `--follow`, обновляй его, пока не прервут."""
    parser = argparse.ArgumentParser(prog="python -m ttsf_optuna_engine.mirror")
    parser.add_argument("folder", type=Path, help="run folder, for example output/ru-nsh")
    parser.add_argument("--database", type=Path, help=f"SQLite file, by default {DATABASE} there")
    parser.add_argument("--follow", type=float, metavar="SECONDS", help="repeat every SECONDS")
    options = parser.parse_args(arguments)
    database = options.database or options.folder / DATABASE
    try:
        if options.follow is None:
            print(f"{database}: {write(load(options.folder), database)} trials added")
        else:
            _follow(options.folder, database, options.follow)
    except TTSFError as error:
        print(f"error: {error}", file=sys.stderr)
        return int(error.exit_code)
    except KeyboardInterrupt:
        pass
    return 0


def _follow(folder: Path, database: Path, seconds: float) -> None:
    """Обновляй зеркало до прерывания; истории может ещё не быть."""
    while True:
        if (folder / HISTORY).exists():
            write(load(folder), database)
        time.sleep(seconds)


if __name__ == "__main__":
    sys.exit(main())
