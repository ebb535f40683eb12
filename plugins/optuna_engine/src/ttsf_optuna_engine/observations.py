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


def observe(trials: Sequence[Trial], space: Space) -> list[FrozenTrial]:
    """Собери наблюдения из завершённых trial-ов; оценить нечем — trial пропущен.

    Неудачи и расхождения — плохие наблюдения: оценка худшего минус три стандартных отклонения.
    """
    dists = distributions(space)
    bad = _bad_score(trials)
    observed = []
    for trial in trials:
        if not set(space) <= set(trial.hparams):
            continue
        values = _outcome(trial, bad)
        if values is not None:
            params = space.clip(trial.hparams)
            observed.append(create_trial(params=params, distributions=dists, **values))
    return observed


def _bad_score(trials: Sequence[Trial]) -> float:
    scores = [s for trial in trials if (s := finite(trial.score)) is not None]
    if not scores:
        return -_PENALTY
    spread = statistics.pstdev(scores) or 1.0
    return min(scores) - _PENALTY * spread


def _outcome(trial: Trial, bad: float) -> dict[str, Any] | None:
    if trial.outcome is None:
        return None
    if (score := finite(trial.score)) is not None:
        return {"state": TrialState.COMPLETE, "value": score}
    if trial.outcome in (FAILED, DIVERGED) or trial.score is not None:
        return {"state": TrialState.COMPLETE, "value": bad}
    if trial.outcome == PRUNED and trial.advantages:
        steps = {step: value for step, value in trial.advantages if math.isfinite(value)}
        return {"state": TrialState.PRUNED, "intermediate_values": steps}
    return None


def finite(score: float | None) -> float | None:
    """Верни оценку, если она — конечное число."""
    return score if score is not None and math.isfinite(score) else None
