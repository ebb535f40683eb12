"""Space: границы и шкалы гиперпараметров."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.space import Parameter, Space
from tts_framework.trials import Past

BOUNDS = st.floats(1e-9, 1e9)


@st.composite
def parameters(draw: st.DrawFn) -> Parameter:
    kind = draw(st.sampled_from(["uniform", "loguniform", "int", "logint", "categorical"]))
    if kind == "categorical":
        options = st.one_of(st.integers(), st.text(max_size=3), st.floats(allow_nan=False))
        return Parameter("x", kind, choices=tuple(draw(st.lists(options, min_size=1, unique=True))))
    if kind in ("int", "logint"):
        low = draw(st.integers(1, 10**6))
        return Parameter("x", kind, low, low + draw(st.integers(0, 10**6)))
    low = draw(BOUNDS if kind == "loguniform" else st.floats(-1e9, 1e9))
    return Parameter("x", kind, low, max(low, draw(st.floats(low, 2e9))))


@given(parameters(), st.floats(-0.5, 1.5))
def test_every_point_of_the_unit_interval_maps_inside_the_bounds(
    axis: Parameter, unit: float
) -> None:
    assert axis.contains(axis.from_unit(unit))


@given(parameters(), st.integers())
def test_sampling_stays_inside_the_bounds(axis: Parameter, seed: int) -> None:
    assert axis.contains(axis.sample(random.Random(seed)))


@given(parameters(), st.floats(0, 1))
def test_a_value_survives_the_way_to_the_unit_scale_and_back(axis: Parameter, unit: float) -> None:
    value = axis.from_unit(unit)
    back = axis.from_unit(axis.to_unit(value))
    if axis.choices:
        assert back == value
    else:
        assert isinstance(value, int | float) and isinstance(back, int | float)
        span = max(abs(axis.low), abs(axis.high))
        assert back == pytest.approx(value, rel=1e-6, abs=1e-9 * span)


@given(parameters(), st.floats(allow_nan=True, allow_infinity=True))
def test_clipping_always_lands_inside_the_bounds(axis: Parameter, value: float) -> None:
    assert axis.contains(axis.clip(value))


@given(parameters(), st.floats(0, 1))
def test_clipping_leaves_an_allowed_value_alone(axis: Parameter, unit: float) -> None:
    value = axis.from_unit(unit)
    assert axis.clip(value) == value


def test_an_integer_axis_with_fractional_bounds_clips_to_whole_numbers_inside() -> None:
    axis = Parameter("x", "int", 1.5, 3.5)
    assert (axis.clip(0), axis.clip(9), axis.clip(2.2)) == (2, 3, 2)


@pytest.mark.parametrize("value", [math.nan, math.inf, "0.5", True, 0.99, 3.01])
def test_a_foreign_value_is_not_contained(value: Any) -> None:
    assert not Parameter("x", "uniform", 1, 3).contains(value)


def test_a_fraction_is_not_contained_in_an_integer_axis() -> None:
    assert not Parameter("x", "int", 1, 3).contains(1.5)


def test_a_logarithmic_axis_is_even_in_its_own_scale() -> None:
    axis = Parameter("x", "loguniform", 1e-5, 1e-3)
    assert axis.to_unit(1e-4) == pytest.approx(0.5)
    assert axis.from_unit(0.5) == pytest.approx(1e-4)


SPACE = Space(
    {
        "rate": Parameter("rate", "loguniform", 1e-4, 1e-2),
        "units": Parameter("units", "categorical", choices=("a", "b")),
    }
)


def test_violations_name_the_axis_the_value_and_the_bounds() -> None:
    assert SPACE.violations({"rate": 0.5, "units": "c", "other": 1}) == [
        "rate: 0.5 is outside of [0.0001, 0.01]",
        "units: 'c' is outside of ['a', 'b']",
    ]


def test_clipping_a_point_drops_what_is_not_an_axis() -> None:
    assert SPACE.clip({"rate": 1.0, "other": 1}) == {"rate": 1e-2}


def test_a_sample_is_a_point_of_the_space() -> None:
    point = SPACE.sample(random.Random(1))
    assert list(point) == ["rate", "units"] and SPACE.violations(point) == []


def test_distance_is_the_largest_gap_in_the_unit_scale() -> None:
    one, other = {"rate": 1e-4, "units": "a"}, {"rate": 1e-3, "units": "a"}
    assert SPACE.distance(one, other) == pytest.approx(0.5)
    assert SPACE.distance(one, one) == 0.0
    assert SPACE.distance(one, {**one, "units": "b"}) == 1.0


def test_points_without_a_common_axis_are_far_apart() -> None:
    assert SPACE.distance({"rate": 1e-3}, {"units": "a"}) == 1.0


def test_distance_looks_at_values_outside_of_the_bounds_as_at_the_nearest_bound() -> None:
    assert SPACE.distance({"rate": 0.0}, {"rate": 1e-4}) == 0.0


def test_gain_is_positive_in_the_direction_of_the_objective() -> None:
    past = Past((), SPACE, {}, {}, seed=0, n_trials=1)
    assert past.gain(1.0, over=3.0) == 2.0
    assert Past((), SPACE, {}, {}, seed=0, n_trials=1, mode="max").gain(1.0, over=3.0) == -2.0


# --- условные оси ---------------------------------------------------------------------------

CONDITIONAL = Space(
    {
        "momentum": Parameter("momentum", "uniform", 0.0, 0.9, when=(("kind", ("sgd",)),)),
        "kind": Parameter(
            "kind", "categorical", choices=("adamw", "sgd"), when=(("tuned", (True,)),)
        ),
        "tuned": Parameter("tuned", "categorical", choices=(True, False)),
    }
)


@given(st.integers())
def test_a_sample_holds_exactly_the_acting_axes_in_the_declared_order(seed: int) -> None:
    point = CONDITIONAL.sample(random.Random(seed))
    expected = ["tuned"]
    if point["tuned"]:
        expected = ["kind", *expected]
    if point.get("kind") == "sgd":
        expected = ["momentum", *expected]
    assert list(point) == expected == list(CONDITIONAL.active(point))


def test_an_axis_whose_parent_does_not_act_does_not_act_either() -> None:
    left_over = {"momentum": 0.5, "kind": "sgd", "tuned": False}
    assert CONDITIONAL.active(left_over) == ("tuned",)
    assert CONDITIONAL.point(left_over) == {"tuned": False}


def test_an_axis_that_begins_to_act_takes_its_value_from_the_first_source_that_has_one() -> None:
    changed = {"tuned": True, "kind": "sgd"}
    assert CONDITIONAL.point(changed, {"momentum": 0.3}, {"momentum": 0.1})["momentum"] == 0.3
    assert CONDITIONAL.point(changed)["momentum"] == pytest.approx(0.45)


def test_points_of_different_branches_are_far_apart() -> None:
    one, other = {"tuned": True, "kind": "adamw"}, {"tuned": True, "kind": "sgd", "momentum": 0.1}
    assert CONDITIONAL.distance(one, other) == 1.0


@pytest.mark.parametrize("parent", ["nobody", "x"])
def test_a_condition_that_never_holds_is_refused(parent: str) -> None:
    with pytest.raises(ValueError, match="conditions never hold: x"):
        Space({"x": Parameter("x", "uniform", when=((parent, (1,)),))})


def test_only_a_condition_makes_a_space_conditional() -> None:
    assert CONDITIONAL.conditional and not SPACE.conditional
