"""Несколько целей: фронт Парето и проверка настроек."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.config import Objective, TunerSettings
from tts_framework.smart_tuner.objectives import pareto_front

GOALS = (("loss", "min"), ("mos", "max"))
POINTS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12)


def front(*points: tuple[float, float]) -> list[int]:
    return pareto_front({n: {"loss": a, "mos": b} for n, (a, b) in enumerate(points)}, GOALS)


def test_the_front_holds_the_trials_that_nobody_beats_in_both() -> None:
    assert front((0.5, 3.0), (0.4, 2.0), (0.6, 2.5), (0.5, 2.9)) == [0, 1]


def test_equal_trials_share_the_front() -> None:
    assert front((0.5, 3.0), (0.5, 3.0)) == [0, 1]


def test_a_trial_without_a_finite_value_of_each_objective_is_left_out() -> None:
    values = {0: {"loss": 0.5, "mos": 3.0}, 1: {"loss": 0.1}, 2: {"loss": 0.1, "mos": math.nan}}
    assert pareto_front(values, GOALS) == [0]


def test_one_objective_has_its_best_trial_for_a_front() -> None:
    assert pareto_front({0: {"loss": 0.5}, 1: {"loss": 0.4}}, GOALS[:1]) == [1]


@given(POINTS)
def test_everything_outside_of_the_front_is_dominated_by_the_front(
    points: list[tuple[float, float]],
) -> None:
    found = front(*points)
    assert bool(found) == bool(points)
    for number, (loss, mos) in enumerate(points):
        better = [
            n
            for n in found
            if points[n][0] <= loss and points[n][1] >= mos and points[n] != (loss, mos)
        ]
        assert bool(better) == (number not in found)


def test_the_first_of_the_objectives_decides() -> None:
    settings = TunerSettings.model_validate(
        {"objectives": [{"metric": "mos", "mode": "max"}, {"metric": "val_loss"}]}
    )
    assert settings.objective == Objective(metric="mos", mode="max")
    assert [goal.metric for goal in settings.goals] == ["mos", "val_loss"]
    assert TunerSettings.model_validate(settings.model_dump()) == settings
    assert TunerSettings().goals == (Objective(),)


@pytest.mark.parametrize(
    ("tuner", "message"),
    [
        (
            {"objective": {"metric": "mos"}, "objectives": [{"metric": "val_loss"}]},
            "objective differs from the first of objectives; keep only objectives",
        ),
        ({"objectives": [{"metric": "a"}, {"metric": "a"}]}, "objectives names 'a' twice"),
        ({"objectives": [{"metrik": "a"}]}, "objectives.0.metrik"),
        ({"objectives": "val_loss"}, "objectives"),
        ({"objectives": [5]}, "objectives.0"),
    ],
)
def test_objectives_that_cannot_be_meant_are_refused(
    tuner: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        TunerSettings.model_validate(tuner)
