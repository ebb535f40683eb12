"""cosine."""

from __future__ import annotations

import pytest

from tts_framework.builtin.cosine import Cosine
from tts_framework.errors import ConfigError
from tts_framework.space import Parameter, Space
from tts_framework.testing.optimizers import OptimizerContract
from tts_framework.testing.pasts import LEARNING_RATE, make_past


class TestCosine(OptimizerContract):
    plugin = "cosine"


def rate(progress: float, **options: float) -> float:
    past = make_past(progress=progress)
    [proposal] = Cosine(Cosine.Config(**options), past.space).ask(past)
    return float(proposal.values["learning_rate"])


def test_falls_from_the_base_value_to_the_final_share_of_it() -> None:
    assert rate(0.0) == pytest.approx(1e-3)
    assert rate(0.5, final=0.0) == pytest.approx(5e-4)
    assert rate(1.0, final=0.1) == pytest.approx(1e-4)


def test_never_rises() -> None:
    rates = [rate(step / 20) for step in range(21)]
    assert rates == sorted(rates, reverse=True)


def test_a_given_peak_replaces_the_base_value_within_the_bounds() -> None:
    assert rate(0.0, peak=5e-3) == pytest.approx(5e-3)
    assert rate(0.0, peak=5.0) == LEARNING_RATE.high


def test_other_axes_keep_their_current_values() -> None:
    space = Space(
        {"learning_rate": LEARNING_RATE, "dropout": Parameter("dropout", "uniform", 0, 0.5)}
    )
    current = {"learning_rate": 1e-3, "dropout": 0.2}
    past = make_past(space=space, base=current, current=current, progress=0.5)
    assert Cosine(Cosine.Config(), space).ask(past)[0].values["dropout"] == 0.2


def test_the_note_says_where_in_the_budget_it_is() -> None:
    past = make_past(progress=0.25)
    note = Cosine(Cosine.Config(), past.space).ask(past)[0].note
    assert note == "cosine at 25% of the budget: learning_rate 0.000855"


@pytest.mark.parametrize(
    ("space", "problem"),
    [
        (Space({}), "the space is empty; add the axis"),
        (Space({"b": Parameter("b", "int", 1, 4)}), "the space is b; add the axis"),
        (
            Space({"learning_rate": Parameter("learning_rate", "int", 1, 4)}),
            "tuner.search_space.learning_rate: cosine needs a uniform or loguniform axis",
        ),
    ],
)
def test_refuses_a_space_without_a_numeric_axis_to_schedule(space: Space, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        Cosine(Cosine.Config(), space)


def test_another_axis_can_be_scheduled() -> None:
    space = Space({"noise": Parameter("noise", "uniform", 0.0, 1.0)})
    past = make_past(space=space, base={"noise": 0.8}, current={"noise": 0.8}, progress=0.5)
    [proposal] = Cosine(Cosine.Config(parameter="noise", final=0.0), space).ask(past)
    assert proposal.values == {"noise": pytest.approx(0.4)}
