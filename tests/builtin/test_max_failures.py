"""max_failures: тренер падает раз за разом."""

from __future__ import annotations

from tts_framework.builtin.max_failures import MaxFailures
from tts_framework.testing.pasts import make_past, make_trial
from tts_framework.trials import COMMITTED, DIVERGED, FAILED, PRUNED, ROLLED_BACK


def reason(outcomes: list[str | None], limit: int = 3) -> str | None:
    trials = [
        make_trial(number, outcome, reason=f"reason {number}")
        for number, outcome in enumerate(outcomes)
    ]
    return MaxFailures(MaxFailures.Config(max_failures=limit)).stop_tuning(make_past(trials))


def test_stops_after_so_many_failures_in_a_row_quoting_the_last_one() -> None:
    text = reason([COMMITTED, FAILED, FAILED, FAILED])
    assert text == "3 trials failed in a row; the last one: reason 3"


def test_any_trial_that_ran_to_an_end_breaks_the_row() -> None:
    for outcome in (COMMITTED, ROLLED_BACK, PRUNED):
        assert reason([FAILED, FAILED, outcome, FAILED]) is None


def test_a_divergence_neither_counts_nor_breaks_the_row() -> None:
    assert reason([FAILED, FAILED, DIVERGED]) is None
    assert reason([FAILED, DIVERGED, FAILED, FAILED]) is not None


def test_an_open_trial_neither_counts_nor_breaks_the_row() -> None:
    assert reason([FAILED, FAILED, FAILED, None]) is not None
