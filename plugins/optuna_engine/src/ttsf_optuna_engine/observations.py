"""Trial-ы фреймворка -> наблюдения Optuna."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial, TrialState, create_trial

from tts_framework.events import Value
from tts_framework.space import Parameter, Space
from tts_framework.trials import DIVERGED, FAILED, PRUNED, Trial

_PENALTY = 3.0
"""На столько стандартных отклонений хуже худшего считается расхождение."""


def quiet() -> None:
    """Оставь от журнала Optuna одни предупреждения: о решениях говорит сам тюнер."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)


def distribution(parameter: Parameter) -> BaseDistribution:
    """Переведи ось пространства в распределение Optuna."""
    if parameter.choices:
        return CategoricalDistribution(parameter.choices)
    if parameter.integer:
        low, high = math.ceil(parameter.low), math.floor(parameter.high)
        return IntDistribution(low, high, log=parameter.log)
    return FloatDistribution(float(parameter.low), float(parameter.high), log=parameter.log)


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """Переведи всё пространство."""
    return {name: distribution(parameter) for name, parameter in space.items()}


def suggest(trial: optuna.Trial, parameter: Parameter) -> Value:
    """Спроси у Optuna значение одной оси."""
    name, dist = parameter.name, distribution(parameter)
    chosen: Value
    if isinstance(dist, CategoricalDistribution):
        chosen = trial.suggest_categorical(name, dist.choices)
    elif isinstance(dist, IntDistribution):
        chosen = trial.suggest_int(name, dist.low, dist.high, log=dist.log)
    else:
        assert isinstance(dist, FloatDistribution)
        chosen = trial.suggest_float(name, dist.low, dist.high, log=dist.log)
    return parameter.clip(chosen)


def usable(trials: Sequence[Trial], space: Space) -> list[Trial]:
    """Оставь завершённые trial-ы, у которых есть значение каждой действующей оси."""
    always = None if space.conditional else frozenset(space)
    return [
        trial
        for trial in trials
        if trial.outcome is not None
        and (always or frozenset(space.active(trial.hparams))) <= trial.hparams.keys()
    ]


def observe(
    trials: Sequence[Trial], space: Space, metrics: Sequence[str] = ()
) -> list[FrozenTrial]:
    """Собери наблюдения из завершённых trial-ов; оценить нечем — trial пропущен.

    `metrics` — цели, если их несколько: наблюдение несёт оценку каждой. Неудачи и расхождения —
    плохие наблюдения: оценка худшего минус три стандартных отклонения.
    """
    dists = distributions(space)
    bad = [_bad_score([_score(t, metric) for t in trials]) for metric in metrics or ("",)]
    observed = []
    for trial in usable(trials, space):
        outcome = _outcome(trial, bad, metrics)
        if outcome is not None:
            names = space.active(trial.hparams)
            params = space.clip({name: trial.hparams[name] for name in names})
            known = {name: dists[name] for name in names}
            observed.append(create_trial(params=params, distributions=known, **outcome))
    return observed


def _score(trial: Trial, metric: str) -> float | None:
    return finite(trial.scores.get(metric) if metric else trial.score)


def _bad_score(known: Sequence[float | None]) -> float:
    scores = [score for score in known if score is not None]
    if not scores:
        return -_PENALTY
    spread = statistics.pstdev(scores) or 1.0
    return min(scores) - _PENALTY * spread


def _outcome(trial: Trial, bad: Sequence[float], metrics: Sequence[str]) -> dict[str, Any] | None:
    scores = [_score(trial, metric) for metric in metrics or ("",)]
    failed = trial.outcome in (FAILED, DIVERGED) or trial.score is not None
    if failed or any(score is not None for score in scores):
        values = [worst if s is None else s for s, worst in zip(scores, bad, strict=True)]
        return {"state": TrialState.COMPLETE, "values": values}
    if trial.outcome == PRUNED and trial.advantages and not metrics:
        steps = {step: value for step, value in trial.advantages if math.isfinite(value)}
        return {"state": TrialState.PRUNED, "intermediate_values": steps}
    return None


def finite(score: float | None) -> float | None:
    """Верни оценку, если она — конечное число."""
    return score if score is not None and math.isfinite(score) else None
