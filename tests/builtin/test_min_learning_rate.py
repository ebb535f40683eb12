"""min_learning_rate: минимальный learning_rate достиг 1e-6 (10.6)."""

from __future__ import annotations

import pytest

from tts_framework.builtin.min_learning_rate import MinLearningRate
from tts_framework.testing.pasts import make_past


def reason(current: dict[str, float | str], **options: float | str) -> str | None:
    stopper = MinLearningRate(MinLearningRate.Config(**options))
    return stopper.stop_tuning(make_past(current=current))


def test_goes_on_above_the_minimum() -> None:
    assert reason({"learning_rate": 1.01e-6}) is None


@pytest.mark.parametrize("value", [1e-6, 1e-6 * (1 + 1e-12), 3e-7])
def test_stops_at_the_minimum_and_below_it_forgiving_rounding(value: float) -> None:
    assert reason({"learning_rate": value}) is not None


def test_the_reason_names_both_numbers() -> None:
    text = reason({"learning_rate": 1e-5}, min_learning_rate=2e-5)
    assert text == "learning_rate 1e-05 reached the minimum 2e-05"


def test_has_no_opinion_without_a_numeric_value() -> None:
    assert reason({}) is None
    assert reason({"learning_rate": "auto"}) is None


def test_another_hyperparameter_can_be_watched() -> None:
    assert reason({"lr": 1e-7}, parameter="lr") is not None
