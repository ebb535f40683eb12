"""TPE: чем больше узнали, тем ближе к хорошему; плохое — тоже знание."""

from __future__ import annotations

import logging
import math
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from tts_framework.components import Proposal
from tts_framework.space import Parameter, Space
from tts_framework.testing.pasts import make_past, make_trial
from tts_framework.trials import DIVERGED, FAILED, PRUNED, ROLLED_BACK, Trial
from ttsf_optuna_engine import OptunaEngine
from ttsf_optuna_engine.observations import observe

RATE = Parameter("learning_rate", "loguniform", 1e-5, 1e-1)
SPACE = Space({"learning_rate": RATE})


def scored(rate: float, score: float | None, number: int = 0, **fields: Any) -> Trial:
    return make_trial(number, hparams={"learning_rate": rate}, score=score, **fields)


def history(n: int, best: float = 1e-3) -> list[Trial]:
    """Собери trial-ы на сетке; оценка падает с расстоянием до `best` в единичной шкале."""
    units = [(number * 0.618) % 1 for number in range(n)]
    rates = [float(RATE.from_unit(unit)) for unit in units]
    return [scored(rate, -10 * RATE.gap(rate, best), number) for number, rate in enumerate(rates)]


def ask(trials: Sequence[Trial], n: int = 1, seed: int = 1, **options: Any) -> list[Proposal]:
    past = make_past(trials, SPACE, seed=seed)
    return OptunaEngine(OptunaEngine.Config(**options), SPACE).ask(past, n)


def distance(proposals: Sequence[Proposal], best: float = 1e-3) -> float:
    gaps = [RATE.gap(p.values["learning_rate"], best) for p in proposals]
    return sum(gaps) / len(gaps)


def test_the_very_first_point_is_the_current_one() -> None:
    [first, second] = ask([], 2)
    assert first.values == {"learning_rate": 1e-3}
    assert first.note == "current values come first"
    assert second.values != first.values


def test_start_up_points_are_random_until_enough_trials_are_scored() -> None:
    assert ask(history(2))[0].note == "random start-up point, 2 of 4 trials scored"
    assert ask(history(4))[0].note == "TPE over the last 4 scored trials"
    assert ask(history(2), n_startup_trials=2)[0].note.startswith("TPE")


def test_proposals_gather_where_scores_were_high() -> None:
    random = distance([p for seed in range(20) for p in ask(history(2), seed=seed)])
    learned = distance([p for seed in range(20) for p in ask(history(20), seed=seed)])
    assert learned < 0.4 * random


def test_points_asked_together_differ() -> None:
    proposals = ask(history(20), 4)
    assert len({p.values["learning_rate"] for p in proposals}) == 4


def test_old_trials_leave_the_window() -> None:
    old = history(10, best=1e-5)
    fresh = [
        make_trial(10 + t.number, hparams=t.hparams, score=t.score) for t in history(30, best=1e-1)
    ]
    [proposal] = ask(old + fresh, window=30)
    assert proposal.note == "TPE over the last 30 scored trials"


def test_each_decision_has_its_own_randomness() -> None:
    assert ask(history(20)) == ask(history(20))
    assert ask(history(20)) != ask(history(21))
    assert ask(history(20), seed=1) != ask(history(20), seed=2)


# --- наблюдения -----------------------------------------------------------------------------


def values(trials: Sequence[Trial]) -> list[float | None]:
    return [observation.value for observation in observe(trials, SPACE)]


def test_a_divergence_is_an_observation_three_deviations_below_the_worst() -> None:
    good = [scored(1e-3, 1.0, 0), scored(1e-4, 3.0, 1)]
    for outcome in (DIVERGED, FAILED):
        assert values([*good, scored(1e-1, None, 2, outcome=outcome)]) == [1.0, 3.0, -2.0]


def test_an_infinite_score_is_as_bad_as_a_divergence() -> None:
    trials = [scored(1e-3, 1.0, 0), scored(1e-4, 3.0, 1)]
    trials.append(scored(1e-1, -math.inf, 2, outcome=ROLLED_BACK))
    assert values(trials) == [1.0, 3.0, -2.0]


def test_a_divergence_before_any_score_is_still_bad() -> None:
    assert values([scored(1e-1, None, outcome=DIVERGED)]) == [-3.0]


def test_proposals_avoid_the_region_that_diverged() -> None:
    bad = [scored(r, None, 20 + i, outcome=DIVERGED) for i, r in enumerate((0.03, 0.06, 0.1))]
    flat = [scored(float(t.hparams["learning_rate"]), 0.0, t.number) for t in history(20)]
    calm = [t for t in flat if float(t.hparams["learning_rate"]) < 0.02]
    points = [ask([*calm, *bad], seed=seed)[0].values["learning_rate"] for seed in range(30)]
    assert sum(float(p) > 0.03 for p in points) <= 3


def test_a_pruned_trial_is_judged_by_its_score_or_by_its_last_advantage() -> None:
    advantages = ((50, -0.5), (100, -math.inf))
    with_score = scored(1e-3, -1.5, 0, outcome=PRUNED, advantages=advantages)
    without = scored(1e-3, None, 1, outcome=PRUNED, advantages=advantages)
    first, second = observe([with_score, without], SPACE)
    assert first.value == -1.5
    assert second.intermediate_values == {50: -0.5}


def test_open_unscored_and_foreign_trials_are_left_out() -> None:
    trials = [
        scored(1e-3, None, 0),
        scored(1e-3, 1.0, 1, outcome=None),
        make_trial(2, hparams={"dropout": 0.1}, score=1.0),
    ]
    assert observe(trials, SPACE) == []


def test_values_outside_of_the_space_are_observed_at_its_border() -> None:
    [observation] = observe([scored(1.0, 0.5)], SPACE)
    assert observation.params == {"learning_rate": 1e-1}


# --- манеры ---------------------------------------------------------------------------------


def test_optuna_is_imported_by_the_first_question_and_not_by_the_plugin() -> None:
    code = (
        "import sys; from tts_framework.plugins import Plugins;"
        "cls = Plugins().get('optimizer', 'optuna');"
        "print(sorted({'optuna', 'numpy'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], text=True, stdout=subprocess.PIPE)
    assert answer.stdout.strip() == "[]"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("sampler", ["tpe", "gp", "cmaes", "nsga2", "random", "qmc"])
def test_it_is_quiet(
    sampler: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        ask(history(20), 3, sampler=sampler)
    out, err = capfd.readouterr()
    assert (out, err, caplog.text) == ("", "", "")
