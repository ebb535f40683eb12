"""Готовые и случайные прошлые запусков для тестов и замеров оптимизаторов и стопперов."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

from tts_framework.events import Value
from tts_framework.space import Parameter, Space
from tts_framework.trials import COMMITTED, DIVERGED, FAILED, PRUNED, ROLLED_BACK, Past, Trial

LEARNING_RATE = Parameter("learning_rate", "loguniform", 1e-6, 1e-2)
_OUTCOMES = (COMMITTED, COMMITTED, COMMITTED, ROLLED_BACK, PRUNED, FAILED, DIVERGED)
_STEPS = (50, 100, 150, 200)


def make_trial(number: int, outcome: str | None = COMMITTED, **fields: Any) -> Trial:
    """Собери trial из двухсот итераций, продолжающий предыдущий."""
    defaults: dict[str, Any] = {
        "kind": "proposal" if number else "startup",
        "parent": number - 1 if number else None,
        "hparams": {"learning_rate": 1e-3},
        "start_iteration": 200 * number,
        "end_iteration": 200 * (number + 1),
    }
    return Trial(number=number, outcome=outcome, **{**defaults, **fields})


def make_past(trials: Sequence[Trial] = (), space: Space | None = None, **fields: Any) -> Past:
    """Собери прошлое: ветвь — все зафиксированные trial-ы, значения — последнего из них."""
    committed = [trial for trial in trials if trial.outcome == COMMITTED]
    base: dict[str, Value] = {"learning_rate": 1e-3}
    defaults: dict[str, Any] = {
        "current": committed[-1].hparams if committed else fields.get("base", base),
        "base": base,
        "seed": 1234,
        "n_trials": 50,
        "lineage": tuple(trial.number for trial in committed),
    }
    known = space if space is not None else Space({"learning_rate": LEARNING_RATE})
    return Past(tuple(trials), known, **{**defaults, **fields})


def random_space(rng: random.Random) -> Space:
    """Собери пространство: `learning_rate` и до пяти осей всех видов, в том числе вырожденные."""
    axes = [LEARNING_RATE, *(_random_axis(f"axis_{i}", rng) for i in range(rng.randint(0, 5)))]
    return Space({axis.name: axis for axis in axes})


def random_past(rng: random.Random, space: Space, n: int) -> Past:
    """Собери прошлое из `n` trial-ов со всеми исходами, NaN и бесконечными оценками."""
    base = space.sample(rng)
    trials = [_random_trial(number, rng, space) for number in range(n)]
    return make_past(
        trials,
        space,
        base=base,
        seed=rng.randrange(2**31),
        mode=rng.choice(["min", "max"]),
        progress=rng.random(),
    )


def awkward_pasts() -> dict[str, Past]:
    """Собери прошлые, на которых спотыкаются: пустое, одни неудачи, одни NaN, открытый trial."""
    space = Space(
        {
            "learning_rate": LEARNING_RATE,
            "depth": Parameter("depth", "int", 1, 4),
            "fixed": Parameter("fixed", "uniform", 0.5, 0.5),
            "method": Parameter("method", "categorical", choices=("sgd", "adam")),
        }
    )
    base: dict[str, Value] = {"learning_rate": 1e-3, "depth": 2, "fixed": 0.5, "method": "sgd"}

    def past(*trials: Trial) -> Past:
        return make_past(trials, space, base=base)

    def same(outcome: str | None, **fields: Any) -> list[Trial]:
        return [make_trial(number, outcome, hparams=base, **fields) for number in range(6)]

    return {
        "empty": past(),
        "all failed": past(*same(FAILED)),
        "all diverged": past(*same(DIVERGED, value=math.nan)),
        "all pruned": past(*same(PRUNED, score=-1.0)),
        "all values are NaN": past(*same(COMMITTED, value=math.nan, score=math.nan)),
        "all scores are equal": past(*same(COMMITTED, value=1.0, score=0.0)),
        "infinite scores": past(*same(ROLLED_BACK, score=-math.inf)),
        "an open trial": past(make_trial(0, hparams=base), make_trial(1, None, hparams=base)),
        "an empty space": make_past([make_trial(0, hparams={})], Space({}), base={}),
    }


def _random_axis(name: str, rng: random.Random) -> Parameter:
    match rng.choice(["uniform", "loguniform", "int", "logint", "categorical"]):
        case "categorical":
            choices: list[tuple[Value, ...]] = [("a", "b", "c"), (16, 32), (True, False), (0.5,)]
            return Parameter(name, "categorical", choices=rng.choice(choices))
        case "int" | "logint" as kind:
            first = rng.randint(1, 8)
            return Parameter(name, kind, first, first + rng.choice([0, 1, 100]))
        case kind:
            low = 10 ** rng.uniform(-6, 0)
            return Parameter(name, kind, low, low * rng.choice([1.0, 1.5, 1e4]))


def _random_trial(number: int, rng: random.Random, space: Space) -> Trial:
    outcome = rng.choice(_OUTCOMES) if number else COMMITTED
    score = rng.gauss(0, 1) if outcome in (COMMITTED, ROLLED_BACK, PRUNED) else None
    if outcome == ROLLED_BACK and rng.random() < 0.2:
        score = -math.inf
    level = score if score is not None and math.isfinite(score) else -5.0
    advantages = tuple((step, level + rng.gauss(0, 0.3)) for step in _STEPS)
    return make_trial(
        number,
        outcome,
        kind=rng.choice(["proposal", "proposal", "control"]) if number else "startup",
        hparams=space.sample(rng),
        score=score,
        value=None if score is None else math.nan if level == -5.0 else 1.0 + rng.random(),
        advantages=advantages if outcome != FAILED else (),
    )
