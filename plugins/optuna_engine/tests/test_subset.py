"""Прошлое для GP: лучшие, последние и прочие через шаг; ниже предела ничего не меняется."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.trial import FrozenTrial, TrialState, create_trial

from tts_framework.components import Proposal
from tts_framework.space import Parameter, Space
from tts_framework.testing.pasts import make_past, make_trial
from tts_framework.trials import DIVERGED, PRUNED, Trial
from ttsf_optuna_engine import OptunaEngine
from ttsf_optuna_engine.subset import chosen

SPACE = Space({"rate": Parameter("rate", "loguniform", 1e-5, 1e-1)})
SCORES = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=60)


def scored(scores: list[float]) -> list[FrozenTrial]:
    return [create_trial(value=score) for score in scores]


@given(SCORES, st.integers(4, 30))
def test_at_most_the_limit_is_kept_and_always_the_best_and_the_last(
    scores: list[float], limit: int
) -> None:
    trials = scored(scores)
    kept = chosen(trials, limit)
    assert len(kept) == min(limit, len(trials))
    assert max(trial.value for trial in kept) == max(scores)
    assert kept[-1] is trials[-1]
    places = [next(n for n, t in enumerate(trials) if t is trial) for trial in kept]
    assert places == sorted(set(places))


@given(SCORES, st.integers(4, 30))
def test_the_choice_depends_on_the_past_alone(scores: list[float], limit: int) -> None:
    trials = scored(scores)
    assert chosen(trials, limit) == chosen(list(trials), limit)


@given(SCORES)
def test_up_to_the_limit_the_past_is_shown_whole(scores: list[float]) -> None:
    trials = scored(scores)
    assert chosen(trials, len(trials)) == trials


def test_the_rest_is_spread_evenly() -> None:
    trials = scored([0.0] * 100)
    trials[5] = create_trial(value=1.0)
    places = [n for n, trial in enumerate(trials) if trial in chosen(trials, 20)]
    assert 5 in places
    assert set(range(86, 100)) <= set(places)  # пять лучших из равных — поздние, и десять последних
    old = [place for place in places if place < 86 and place != 5]
    assert len(old) == 5
    assert {b - a for a, b in zip(old, old[1:], strict=False)} <= {16, 17, 18}


def test_the_best_of_every_objective_is_kept() -> None:
    rng = random.Random(1)
    trials = [create_trial(values=[rng.random(), rng.random()]) for _ in range(100)]
    trials[3], trials[7] = create_trial(values=[9.0, -9.0]), create_trial(values=[-9.0, 9.0])
    assert {3, 7} <= {trials.index(trial) for trial in chosen(trials, 10)}


def test_pruned_trials_without_a_score_take_no_room() -> None:
    pruned = create_trial(state=TrialState.PRUNED, intermediate_values={1: 0.0})
    trials = [*scored([float(n) for n in range(10)]), pruned]
    assert chosen(trials, 10) == trials
    assert [trial.value for trial in chosen([pruned, *trials], 9)] == [0, *range(2, 10)]


# --- в оптимизаторе -------------------------------------------------------------------------


def history(size: int) -> list[Trial]:
    rng = random.Random(size)
    return [make_trial(n, hparams=SPACE.sample(rng), score=rng.gauss(0, 1)) for n in range(size)]


def asked(trials: list[Trial], n: int = 1, **options: Any) -> list[Proposal]:
    config = OptunaEngine.Config(sampler="gp", **{"window": 500, **options})
    return OptunaEngine(config, SPACE).ask(make_past(trials, SPACE), n)


@pytest.mark.parametrize("size", [5, 10, 60])
def test_up_to_sixty_trials_the_cap_changes_no_answer(size: int) -> None:
    assert asked(history(size)) == asked(history(size), gp_max_trials=500)


def test_above_the_cap_the_same_question_has_the_same_answer() -> None:
    first, again = asked(history(70)), asked(history(70))
    assert first == again
    assert first[0].note == "Gaussian process over 60 of the last 70 scored trials"
    assert first[0].values != asked(history(70), gp_max_trials=500)[0].values


def test_failures_stay_bad_above_the_cap() -> None:
    """Верхняя половина оси расходится: среди показанных это видно, и туда не идут."""
    trials = [
        make_trial(
            t.number,
            DIVERGED if float(t.hparams["rate"]) > 1e-3 else PRUNED if t.number % 7 == 0 else None,
            hparams=t.hparams,
        )
        for t in history(120)
    ]
    trials = [
        t if t.outcome else make_trial(t.number, hparams=t.hparams, score=0.0) for t in trials
    ]
    points = [asked(trials[:size])[0].values["rate"] for size in range(110, 121)]
    assert all(float(point) < 2e-3 for point in points)


def test_the_start_up_trials_are_never_capped_away() -> None:
    [proposal] = asked(history(30), gp_max_trials=10, n_startup_trials=20)
    assert proposal.note == "Gaussian process over 20 of the last 30 scored trials"
