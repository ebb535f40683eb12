"""plateau."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest

from tts_framework.builtin.plateau import Plateau
from tts_framework.testing.optimizers import OptimizerContract
from tts_framework.testing.pasts import make_past, make_trial
from tts_framework.trials import COMMITTED, DIVERGED, ROLLED_BACK, Trial


class TestPlateau(OptimizerContract):
    plugin = "plateau"


def committed(values: Sequence[float]) -> list[Trial]:
    return [make_trial(number, value=value) for number, value in enumerate(values)]


def rate(trials: Sequence[Trial], mode: str = "min", **options: Any) -> float:
    past = make_past(trials, mode=mode)
    [proposal] = Plateau(Plateau.Config(**options), past.space).ask(past)
    return float(proposal.values["learning_rate"])


def test_keeps_the_value_while_the_objective_improves() -> None:
    assert rate(committed([1.0, 0.9, 0.8, 0.7])) == 1e-3


def test_reduces_once_patience_is_exceeded() -> None:
    assert rate(committed([1.0, 1.0, 1.0]), patience=2) == 1e-3
    assert rate(committed([1.0, 1.0, 1.0, 1.0]), patience=2, factor=0.1) == pytest.approx(1e-4)


def test_counts_again_after_a_reduction() -> None:
    trials = committed([1.0, 1.0, 1.0, 1.0])
    trials.append(make_trial(4, value=1.0, hparams={"learning_rate": 5e-4}))
    assert rate(trials, patience=2) == 5e-4


def test_an_improvement_below_the_relative_min_delta_does_not_count() -> None:
    assert rate(committed([1.0, 0.9999, 0.9998]), patience=1) == 5e-4


def test_follows_the_direction_of_the_objective() -> None:
    assert rate(committed([1.0, 2.0, 3.0]), mode="max", patience=1) == 1e-3
    assert rate(committed([3.0, 2.0, 1.0]), mode="max", patience=1) == 5e-4


def test_a_rejected_trial_at_the_current_value_is_no_improvement_however_low_its_loss() -> None:
    trials = committed([1.0])
    trials += [make_trial(1, ROLLED_BACK, value=0.1), make_trial(2, DIVERGED, value=math.nan)]
    assert rate(trials, patience=1) == 5e-4


def test_a_committed_nan_is_no_improvement() -> None:
    assert rate([make_trial(0, COMMITTED, value=math.nan)], patience=0) == 5e-4
