"""Сводка мер: средние, отношения, доли и их интервалы."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts_framework.evaluation import metrics

numbers = st.lists(st.floats(0, 100), min_size=1, max_size=20)


@given(numbers)
@settings(max_examples=40)
def test_the_mean_lies_in_its_interval_and_the_interval_in_the_data(values: list[float]) -> None:
    found = metrics.mean(values)
    assert found is not None and found.n == len(values)
    assert found.value == pytest.approx(np.mean(values))
    slack = 1e-6
    assert min(values) - slack <= found.low <= found.high <= max(values) + slack
    assert found.low - slack <= found.value <= found.high + slack or len(values) > 1


def test_a_ratio_weighs_long_texts_more() -> None:
    found = metrics.ratio([0, 50], [10, 100])
    assert found is not None and found.value == pytest.approx(50 / 110)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    hits = 0
    for seed in range(200):
        found = metrics.mean(rng.normal(5, 2, 30).tolist(), seed)
        assert found is not None
        hits += found.low <= 5 <= found.high
    assert 0.88 <= hits / 200 <= 0.98


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(0).normal(size=25).tolist()
    assert metrics.mean(values, 3) == metrics.mean(values, 3)
    assert metrics.mean(values, 3) != metrics.mean(values, 4)


def test_no_failure_in_ten_is_not_certainty() -> None:
    found = metrics.share([False] * 10)
    assert found is not None and found.value == 0 and found.low == 0
    assert found.high == pytest.approx(0.278, abs=0.002)  # интервал Уилсона, z = 1.96


@given(st.lists(st.booleans(), min_size=1, max_size=50))
def test_a_share_lies_in_its_interval(flags: list[bool]) -> None:
    found = metrics.share(flags)
    assert found is not None
    assert 0 <= found.low <= found.value + 1e-9 and found.value - 1e-9 <= found.high <= 1


def test_nothing_measured_is_no_estimate() -> None:
    assert metrics.mean([]) is None
    assert metrics.share([]) is None
    assert metrics.ratio([0.0], [0.0]) is None
