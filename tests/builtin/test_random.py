"""random."""

from __future__ import annotations

from tts_framework.builtin.random import Random
from tts_framework.testing.optimizers import OptimizerContract
from tts_framework.testing.pasts import make_past, make_trial


class TestRandom(OptimizerContract):
    plugin = "random"


def values(seed: int, decisions: int) -> dict[str, object]:
    past = make_past([make_trial(n) for n in range(decisions)], seed=seed)
    return dict(Random(Random.Config(), past.space).ask(past)[0].values)


def test_the_seed_and_the_number_of_the_decision_choose_the_point() -> None:
    assert values(seed=1, decisions=3) == values(seed=1, decisions=3)
    assert values(seed=1, decisions=3) != values(seed=2, decisions=3)
    assert values(seed=1, decisions=3) != values(seed=1, decisions=4)


def test_points_cover_the_axis_in_its_own_scale() -> None:
    past = make_past()
    points = Random(Random.Config(), past.space).ask(past, 400)
    below = sum(float(p.values["learning_rate"]) < 1e-4 for p in points)
    assert 140 < below < 260  # 1e-4 — середина [1e-6, 1e-2] в логарифмической шкале
