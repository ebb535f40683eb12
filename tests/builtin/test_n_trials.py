"""n_trials: проведено столько trial-ов, сколько разрешено."""

from __future__ import annotations

from tts_framework.builtin.n_trials import NTrials
from tts_framework.testing.pasts import make_past, make_trial
from tts_framework.trials import COMMITTED, FAILED, ROLLED_BACK


def reason(outcomes: list[str | None], limit: int) -> str | None:
    trials = [make_trial(number, outcome) for number, outcome in enumerate(outcomes)]
    return NTrials(NTrials.Config(n_trials=limit)).stop_tuning(make_past(trials))


def test_every_finished_trial_counts_whatever_its_outcome() -> None:
    assert reason([COMMITTED, ROLLED_BACK], 3) is None
    assert reason([COMMITTED, ROLLED_BACK, FAILED], 3) == "3 of 3 trials done"


def test_an_open_trial_is_not_finished() -> None:
    assert reason([COMMITTED, COMMITTED, None], 3) is None
