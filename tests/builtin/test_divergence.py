"""divergence: потери перестали быть числом."""

from __future__ import annotations

import math

import pytest

from tts_framework.builtin.divergence import Divergence
from tts_framework.testing.pasts import make_past, make_trial
from tts_framework.trials import COMMITTED, DIVERGED, FAILED

STOPPER = Divergence(Divergence.Config(max_divergences=2))


def reason(outcomes: list[str | None]) -> str | None:
    trials = [make_trial(n, outcome, reason=f"reason {n}") for n, outcome in enumerate(outcomes)]
    return STOPPER.stop_tuning(make_past(trials))


def test_stops_after_so_many_divergences_in_a_row_quoting_the_last_one() -> None:
    text = reason([COMMITTED, DIVERGED, DIVERGED])
    assert text == "2 trials diverged in a row; the last one: reason 2"


def test_a_committed_trial_breaks_the_row_and_a_failed_one_does_not() -> None:
    assert reason([DIVERGED, COMMITTED, DIVERGED]) is None
    assert reason([DIVERGED, FAILED, DIVERGED]) is not None


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_interrupts_a_trial_whose_objective_is_not_a_number(value: float) -> None:
    trial = make_trial(0, None, curve=((50, 0.7), (100, value)))
    text = STOPPER.stop_trial(trial, make_past())
    assert text == f"the objective is {value} at step 100 of the trial"


def test_lets_a_healthy_trial_and_one_without_metrics_run() -> None:
    assert STOPPER.stop_trial(make_trial(0, None, curve=((50, 0.7),)), make_past()) is None
    assert STOPPER.stop_trial(make_trial(0, None), make_past()) is None
