"""Зеркало запуска для optuna-dashboard: `python -m ttsf_optuna_engine.mirror output/ru-nsh`.

Читает опубликованную историю (`tuning_history.json`) и дописывает исследование Optuna в файл
SQLite; тюнер этим файлом не пользуется, удалить его можно в любой момент.
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
from optuna.distributions import BaseDistribution
from optuna.storages import RDBStorage
from optuna.study import Study
from optuna.trial import TrialState, create_trial

from tts_framework.errors import TTSFError
from tts_framework.space import Parameter, Space
from tts_framework.trials import PRUNED
from ttsf_optuna_engine.observations import distributions, quiet

HISTORY = "tuning_history.json"
DATABASE = "optuna.db"
_DESCRIBED = ("kind", "outcome", "parent", "start_iteration", "end_iteration", "value", "reason")


def write(history: Mapping[str, Any], database: Path) -> int:
    """Допиши в файл завершённые trial-ы, которых в нём ещё нет; верни, сколько дописано.

    Повторный вызов безвреден. `score` становится значением (больше — лучше), кривая целевой
    метрики — промежуточными значениями.
    """
    quiet()
    storage = RDBStorage(f"sqlite:///{database}")
    try:
        study = optuna.create_study(
            study_name=history["run"], storage=storage, direction="maximize", load_if_exists=True
        )
        return _append(study, history)
    finally:
        storage.engine.dispose()


def _append(study: Study, history: Mapping[str, Any]) -> int:
    space = _space(history["search_space"])
    known = len(study.get_trials(deepcopy=False))
    finished = [trial for trial in history["trials"] if trial["outcome"] != "open"]
    for trial in finished[known:]:
        _add(study, trial, space, distributions(space))
    return max(0, len(finished) - known)


def _add(
    study: Study, trial: Mapping[str, Any], space: Space, dists: Mapping[str, BaseDistribution]
) -> None:
    params = space.clip(trial["hparams"])
    state = TrialState.FAIL if trial["score"] is None else TrialState.COMPLETE
    if trial["outcome"] == PRUNED:
        state = TrialState.PRUNED
    study.add_trial(
        create_trial(
            state=state,
            value=None if state is TrialState.FAIL else trial["score"],
            params=params,
            distributions={name: dists[name] for name in params},
            intermediate_values={
                step: value for step, value in trial["curve"] if value is not None
            },
            user_attrs={key: trial[key] for key in _DESCRIBED},
        )
    )


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
