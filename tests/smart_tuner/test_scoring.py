"""Оценка trial: исход против прогноза, а не сырые потери."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.smart_tuner.scoring import (
    Calibration,
    Scale,
    advantages,
    forecast,
    settled,
    worth,
)


def decay(steps: range, *, noise: float = 0.0, seed: int = 0) -> list[tuple[int, float]]:
    rng = np.random.default_rng(seed)
    return [
        (t, (0.4 + 3.0 * math.exp(-t / 600)) * math.exp(noise * rng.standard_normal()))
        for t in steps
    ]


def test_training_that_goes_on_as_before_scores_near_zero() -> None:
    curve = decay(range(100, 1500, 100), noise=0.02)
    scores = [settled(advantages(curve[:n], curve[n : n + 3], "min")) for n in range(4, 11)]
    assert abs(float(np.mean(scores))) < 1.0
    assert max(map(abs, scores)) < 4.0


def test_scores_without_effect_are_standard_deviations() -> None:
    scores = []
    for seed in range(200):
        curve = decay(range(100, 1300, 100), noise=0.02, seed=seed)
        scores.append(settled(advantages(curve[:8], curve[8:11], "min")))
    assert 0.6 < float(np.std(scores)) < 1.5
    assert abs(float(np.mean(scores))) < 0.6


def test_a_real_improvement_scores_above_two_and_a_real_loss_below_minus_two() -> None:
    window = decay(range(100, 1000, 100), noise=0.02)
    ahead = decay(range(1000, 1300, 100))
    better = [(t, 0.8 * value) for t, value in ahead]
    worse = [(t, 1.25 * value) for t, value in ahead]
    assert settled(advantages(window, better, "min")) > 2
    assert settled(advantages(window, worse, "min")) < -2


def test_falling_slower_than_forecast_is_worse_though_the_loss_fell() -> None:
    window = decay(range(100, 700, 100))
    stalled = [(t, window[-1][1] * 0.995) for t in range(700, 1000, 100)]
    assert stalled[-1][1] < window[-1][1]
    assert settled(advantages(window, stalled, "min")) < -2


def test_the_further_the_forecast_the_less_certain() -> None:
    window = decay(range(100, 700, 100), noise=0.02)
    predicted = forecast(window, [700, 1000, 2000], Scale("min", [v for _, v in window]))
    assert predicted.std[0] < predicted.std[1] < predicted.std[2]


def test_a_maximised_metric_is_mirrored() -> None:
    window = [(t, -v) for t, v in decay(range(100, 800, 100))]
    better = [(800, window[-1][1] + 0.5)]
    assert settled(advantages(window, better, "max")) > 2


@given(
    st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=12),
    st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=5),
    st.sampled_from(["min", "max"]),
)
def test_any_finite_curve_gets_a_finite_score(
    before: list[float], after: list[float], mode: str
) -> None:
    window = [(100 * (i + 1), value) for i, value in enumerate(before)]
    start = window[-1][0]
    curve = [(start + 100 * (i + 1), value) for i, value in enumerate(after)]
    assert all(math.isfinite(z) for _, z in advantages(window, curve, mode))


@given(st.floats(0.1, 10), st.integers(0, 5))
def test_scores_do_not_depend_on_the_unit_of_the_loss(unit: float, seed: int) -> None:
    curve = decay(range(100, 1000, 100), noise=0.02, seed=seed)
    scaled = [(t, unit * value) for t, value in curve]
    one = advantages(curve[:6], curve[6:], "min")
    other = advantages(scaled[:6], scaled[6:], "min")
    assert [z for _, z in one] == pytest.approx([z for _, z in other], rel=1e-3, abs=1e-3)


def test_divergence_is_the_worst_of_scores_and_an_empty_curve_has_none() -> None:
    window = decay(range(100, 600, 100))
    assert advantages(window, [(600, math.nan)], "min") == [(600, -math.inf)]
    assert advantages(window, [], "min") == []


def test_a_window_of_nothing_but_nan_cannot_forecast() -> None:
    with pytest.raises(ValueError, match="no finite value"):
        forecast([(1, math.nan)], [2], Scale("min", [math.nan]))


def test_the_first_half_of_a_trial_is_burn_in() -> None:
    assert settled([(1, -50.0), (2, 1.0), (3, 3.0)]) == 2.0
    assert settled([(1, 4.0)]) == 4.0


def test_controls_correct_the_bias_and_only_widen_the_error() -> None:
    assert Calibration.from_controls([]).apply(1.5) == 1.5
    biased = Calibration.from_controls([2.0] * 8)
    assert 0 < biased.bias < 2
    assert biased.apply(2.0) < 2.0
    noisy = Calibration.from_controls([5.0, -5.0, 5.0, -5.0])
    assert noisy.inflation > 2
    assert Calibration.from_controls([0.0, 0.1]).inflation == 1.0


def share(*values: float, start: int = 100) -> list[tuple[int, float]]:
    return [(start + 100 * n, value) for n, value in enumerate(values)]


@pytest.mark.parametrize("window", [(1, 1, 1, 0.75, 0.5, 0.75, 0.5, 0.5), (0,) * 8])
def test_a_share_of_four_phrases_is_judged_by_its_steps_of_a_quarter(
    window: tuple[float, ...],
) -> None:
    """Одна сорвавшаяся фраза из четырёх - шум, а не провал; две и больше - уже не шум."""
    usual = window[-1]
    scores = [
        settled(advantages(share(*window), share(value, value, start=900), "min"))
        for value in (usual, usual + 0.25, usual + 0.5)
    ]
    assert scores == sorted(scores, reverse=True)
    assert scores[1] > -2 > scores[2] > -9


def test_zero_is_a_value_like_any_other() -> None:
    window = share(0.5, 0.41, 0.3, 0.22)
    none, few, most = [
        settled(advantages(window, share(value, start=500), "min")) for value in (0.0, 0.1, 0.9)
    ]
    assert math.inf > min(none, few) > 2
    assert -math.inf < most < -2
    zero, low, high = [
        settled(advantages(window, share(value, start=500), "max")) for value in (0.0, 0.1, 0.9)
    ]
    assert -math.inf < zero < low < high < math.inf


def test_a_metric_at_its_best_that_stays_there_is_neither_better_nor_worse() -> None:
    for mode, best in (("min", 0.0), ("max", 1.0)):
        window = share(*[best] * 6)
        assert settled(advantages(window, share(best, best, start=700), mode)) == pytest.approx(0)
        worse = settled(advantages(window, share(0.5, 0.5, start=700), mode))
        assert -math.inf < worse < 0


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.sampled_from(["min", "max"]))
def test_worth_orders_any_two_values(one: float, other: float, mode: str) -> None:
    better, worse = sorted((one, other), reverse=mode == "max")
    assert worth(better, mode) >= worth(worse, mode)


@given(st.floats(1e-4, 1e6))
def test_worth_of_a_positive_loss_is_minus_its_logarithm(value: float) -> None:
    assert worth(value, "min") == pytest.approx(-math.log(value), abs=1e-4)


def test_no_failures_at_all_are_worth_more_than_any() -> None:
    assert worth(0.0, "min") > worth(0.01, "min") + 5 > worth(1.0, "min")
    assert math.isfinite(worth(0.0, "min"))
