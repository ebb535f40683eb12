"""OptimizationEngine: что бы ни ответил оптимизатор, решение допустимо."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.components import Optimizer, Options, Proposal
from tts_framework.smart_tuner.optimization_engine import (
    TABU_RADIUS,
    TABU_TRIALS,
    OptimizationEngine,
)
from tts_framework.space import Parameter, Space
from tts_framework.testing.pasts import make_past, make_trial, random_past, random_space
from tts_framework.trials import COMMITTED, DIVERGED, ROLLED_BACK, Past, Trial

SPACE = Space(
    {
        "learning_rate": Parameter("learning_rate", "loguniform", 1e-5, 1e-1),
        "dropout": Parameter("dropout", "uniform", 0.0, 0.5),
    }
)
CURRENT = {"learning_rate": 1e-3, "dropout": 0.1}


class Scripted(Optimizer):
    """Отвечает заданными точками по порядку."""

    def __init__(self, *points: dict[str, Any]) -> None:
        super().__init__(Options(), SPACE)
        self.points = points

    def ask(self, past: Past, n: int = 1) -> list[Proposal]:
        return [Proposal(dict(values), "scripted") for values in self.points[:n]]


class Broken(Optimizer):
    """Падает при любом вопросе."""

    def ask(self, past: Past, n: int = 1) -> list[Proposal]:
        raise ZeroDivisionError("no luck")

    def prune(self, trial: Trial, past: Past) -> str | None:
        raise ZeroDivisionError("no luck either")


def past_of(*trials: Trial) -> Past:
    return make_past(trials, SPACE, current=CURRENT, base=CURRENT)


def decide(*points: dict[str, Any], max_step: float | None = None, past: Past | None = None) -> Any:
    engine = OptimizationEngine(Scripted(*points), SPACE, max_step)
    return engine.decide(past or past_of())


def test_an_allowed_proposal_becomes_the_decision() -> None:
    decision = decide({"learning_rate": 5e-4, "dropout": 0.3})
    assert decision.values == {"learning_rate": 5e-4, "dropout": 0.3}
    assert (decision.note, decision.error) == ("scripted", None)


def test_missing_axes_keep_their_current_values() -> None:
    assert decide({"dropout": 0.3}).values == {"learning_rate": 1e-3, "dropout": 0.3}


@pytest.mark.parametrize(
    ("point", "error"),
    [
        ({"learning_rate": 0.5}, "learning_rate: 0.5 is outside of [1e-05, 0.1]"),
        ({"dropout": math.nan}, "dropout: nan is outside of [0, 0.5]"),
        ({"dropout": "half"}, "dropout: 'half' is outside of [0, 0.5]"),
        ({"momentum": 0.9}, "momentum: not in the search space"),
        ({"dropout": [0.1]}, "TypeError: must be real number, not list"),
    ],
)
def test_a_bad_proposal_keeps_the_values_and_names_the_error(
    point: dict[str, Any], error: str
) -> None:
    decision = decide(point)
    assert decision.values == CURRENT
    assert decision.error == error


def test_an_optimizer_that_raises_keeps_the_values_and_is_reported() -> None:
    decision = OptimizationEngine(Broken(Options(), SPACE), SPACE).decide(past_of())
    assert decision.values == CURRENT
    assert decision.error == "ZeroDivisionError: no luck"


def test_an_optimizer_that_answers_nothing_keeps_the_values_and_is_reported() -> None:
    assert decide().error is not None


def test_current_values_outside_of_the_space_may_stay_but_not_move_outside() -> None:
    past = make_past((), SPACE, current={"learning_rate": 1e-3, "dropout": 0.9})
    assert decide({"learning_rate": 5e-4}, past=past).values["dropout"] == 0.9
    assert decide({"dropout": 0.8}, past=past).error is not None


def test_foreign_number_types_become_plain_ones() -> None:
    values = decide({"learning_rate": np.float64(5e-4)}).values
    assert type(values["learning_rate"]) is float


# --- малые шаги -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "given_"), [(1e-1, 2e-3), (1e-5, 5e-4), (1.5e-3, 1.5e-3), (2e-3, 2e-3)]
)
def test_learning_rate_moves_by_at_most_max_step(asked: float, given_: float) -> None:
    values = decide({"learning_rate": asked}, max_step=2.0).values
    assert values["learning_rate"] == pytest.approx(given_)


def test_the_note_tells_that_a_step_was_limited() -> None:
    note = decide({"learning_rate": 1e-1}, max_step=2.0).note
    assert note == "scripted; learning_rate 0.1 limited to 0.002 (at most x2 per decision)"


def test_other_axes_move_freely() -> None:
    assert decide({"dropout": 0.5}, max_step=1.1).values["dropout"] == 0.5


def test_without_max_step_learning_rate_moves_freely() -> None:
    assert decide({"learning_rate": 1e-1}).values["learning_rate"] == 1e-1


def test_a_limited_step_stays_inside_the_bounds_even_from_outside_of_them() -> None:
    past = make_past((), SPACE, current={"learning_rate": 1e-9, "dropout": 0.1})
    values = decide({"learning_rate": 1e-2}, max_step=2.0, past=past).values
    assert values["learning_rate"] == 1e-5


def test_a_listed_learning_rate_beyond_the_step_is_not_taken() -> None:
    axis = Parameter("learning_rate", "categorical", choices=(1e-4, 1e-3, 1.5e-3))
    space = Space({"learning_rate": axis})
    past = make_past((), space, current={"learning_rate": 1e-3})
    for asked, given_ in ((1e-4, 1e-3), (1.5e-3, 1.5e-3)):
        engine = OptimizationEngine(Scripted({"learning_rate": asked}), space, 2.0)
        assert engine.decide(past).values == {"learning_rate": given_}


@given(st.integers(0, 10**6), st.integers(0, 25), st.sampled_from([None, 1.5, 2.0]))
def test_decisions_are_always_inside_the_space_and_within_the_step(
    seed: int, size: int, max_step: float | None
) -> None:
    rng = random.Random(seed)
    space = random_space(rng)
    past = random_past(rng, space, size)

    class Wild(Optimizer):
        def ask(self, past: Past, n: int = 1) -> list[Proposal]:
            return [Proposal(space.sample(rng)) for _ in range(n)]

    values = OptimizationEngine(Wild(Options(), space), space, max_step).decide(past).values
    assert space.violations(values) == [] and set(values) == set(space)
    if max_step:
        moved = float(values["learning_rate"]) / float(past.current["learning_rate"])
        assert 1 / max_step - 1e-9 <= moved <= max_step + 1e-9


# --- запретные точки ------------------------------------------------------------------------

BAD = {"learning_rate": 2e-3, "dropout": 0.4}
NEAR_BAD = {"learning_rate": 2.1e-3, "dropout": 0.41}
FAR = {"learning_rate": 1.5e-3, "dropout": 0.2}


@pytest.mark.parametrize("outcome", [ROLLED_BACK, DIVERGED])
def test_a_proposal_near_a_rejected_trial_gives_way_to_the_next_answer(outcome: str) -> None:
    past = past_of(make_trial(0, outcome, hparams=BAD))
    assert SPACE.distance(BAD, NEAR_BAD) < TABU_RADIUS
    assert decide(NEAR_BAD, FAR, max_step=2.5, past=past).values == FAR


def test_values_are_kept_when_every_answer_is_near_a_rejected_trial() -> None:
    past = past_of(make_trial(0, ROLLED_BACK, hparams=BAD))
    decision = decide(NEAR_BAD, BAD, max_step=2.5, past=past)
    assert decision.values == CURRENT and decision.error is None
    assert decision.note == "values kept: scripted is close to a rejected trial"


def test_an_illegal_second_thought_is_passed_over() -> None:
    past = past_of(make_trial(0, ROLLED_BACK, hparams=BAD))
    assert decide(NEAR_BAD, {"dropout": 9.0}, FAR, max_step=2.5, past=past).values == FAR


def test_keeping_the_current_values_is_never_forbidden() -> None:
    past = past_of(make_trial(0, DIVERGED, hparams=CURRENT))
    assert decide(CURRENT, FAR, max_step=2.0, past=past).values == CURRENT


def test_committed_trials_forbid_nothing() -> None:
    past = past_of(make_trial(0, COMMITTED, hparams=BAD))
    assert decide(NEAR_BAD, FAR, max_step=2.5, past=past).values == NEAR_BAD


def test_from_scratch_only_divergence_forbids() -> None:
    past = past_of(make_trial(0, ROLLED_BACK, hparams=BAD))
    assert decide(NEAR_BAD, FAR, past=past).values == NEAR_BAD
    past = past_of(make_trial(0, DIVERGED, hparams=BAD))
    assert decide(NEAR_BAD, FAR, past=past).values == FAR


def test_a_rejection_is_forgotten_after_many_trials() -> None:
    trials = [make_trial(0, ROLLED_BACK, hparams=BAD)]
    trials += [make_trial(n, hparams=CURRENT) for n in range(1, TABU_TRIALS + 1)]
    assert decide(NEAR_BAD, FAR, max_step=2.5, past=past_of(*trials)).values == NEAR_BAD


# --- прерывание -----------------------------------------------------------------------------


def test_pruning_passes_the_reason_of_the_optimizer_on() -> None:
    class Pruner(Scripted):
        def prune(self, trial: Trial, past: Past) -> str | None:
            return "hopeless" if trial.number == 3 else None

    engine = OptimizationEngine(Pruner(), SPACE)
    assert engine.prune(make_trial(3, None), past_of()) == "hopeless"
    assert engine.prune(make_trial(4, None), past_of()) is None


def test_a_pruner_that_raises_prunes_nothing_and_is_reported_once() -> None:
    warnings: list[str] = []
    engine = OptimizationEngine(Broken(Options(), SPACE), SPACE, warn=warnings.append)
    for _ in range(3):
        assert engine.prune(make_trial(0, None), past_of()) is None
    assert warnings == ["pruning is off: ZeroDivisionError: no luck either"]
