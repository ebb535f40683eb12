"""patience: val_loss не улучшился > min_delta в patience подряд тюнинг-итераций (10.6)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tts_framework.builtin.patience import Patience
from tts_framework.testing.pasts import make_past, make_trial
from tts_framework.trials import (
    COMMITTED,
    DIVERGED,
    FAILED,
    PRUNED,
    ROLLED_BACK,
    Trial,
)


def committed(values: Sequence[float]) -> list[Trial]:
    return [make_trial(number, value=value) for number, value in enumerate(values)]


def reason(
    trials: Sequence[Trial], patience: int = 2, min_delta: float = 0.0, mode: str = "min"
) -> str | None:
    config = Patience.Config(patience=patience, min_delta=min_delta)
    return Patience(config).stop_tuning(make_past(trials, mode=mode))


def test_goes_on_while_the_objective_improves() -> None:
    assert reason(committed([1.0, 0.9, 0.8, 0.7])) is None


def test_goes_on_until_patience_is_spent() -> None:
    assert reason(committed([1.0, 1.1])) is None


def test_stops_after_patience_trials_without_improvement_and_says_what_the_best_was() -> None:
    text = reason(committed([1.0, 0.5, 1.1, 0.6]), min_delta=0.001)
    assert text == (
        "no improvement above 0.001 in 2 trials in a row: the best is still 0.5 of trial 1"
    )


def test_an_improvement_of_exactly_min_delta_is_none() -> None:
    assert reason(committed([1.0, 0.75, 0.75]), min_delta=0.25) is not None
    assert reason(committed([1.0, 0.74, 0.48]), min_delta=0.25) is None


def test_slow_improvement_adds_up_against_the_best_and_not_against_the_previous() -> None:
    assert reason(committed([1.0, 0.95, 0.89]), min_delta=0.1) is None


def test_rejected_trials_spend_patience_and_never_improve() -> None:
    for outcome in (ROLLED_BACK, PRUNED, FAILED, DIVERGED):
        trials = [make_trial(0, value=1.0)]
        trials += [make_trial(number, outcome, value=0.1) for number in (1, 2)]
        assert reason(trials) is not None


def test_a_control_trial_that_improves_the_lineage_restores_patience() -> None:
    trials = committed([1.0, 1.0]) + [make_trial(2, kind="control", value=0.5)]
    assert reason(trials) is None


def test_an_open_trial_does_not_count() -> None:
    assert reason([*committed([1.0, 1.0]), make_trial(2, None)]) is None


def test_follows_the_direction_of_the_objective() -> None:
    assert reason(committed([1.0, 2.0, 3.0]), mode="max") is None
    assert reason(committed([3.0, 2.0, 1.0]), mode="max") is not None


def test_a_nan_or_a_missing_value_is_no_improvement() -> None:
    trials = [make_trial(0, value=1.0), make_trial(1, value=math.nan), make_trial(2, value=None)]
    assert reason(trials) is not None


def test_says_nothing_before_the_first_value() -> None:
    assert reason([]) is None
    assert reason([make_trial(n, FAILED) for n in range(5)]) is None


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=30), st.integers(1, 10))
def test_stops_exactly_when_the_last_patience_values_do_not_beat_the_earlier_ones(
    values: list[float], patience: int
) -> None:
    earlier, last = values[:-patience], values[-patience:]
    expected = bool(earlier) and min(last) >= min(earlier)
    assert (reason(committed(values), patience) is not None) == expected


def test_the_kind_of_outcome_is_taken_from_the_lineage() -> None:
    trials = [make_trial(0, value=1.0), make_trial(1, COMMITTED, value=0.2)]
    past = make_past(trials, lineage=(0,))
    assert Patience(Patience.Config(patience=1)).stop_tuning(past) is not None
