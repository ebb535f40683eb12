"""wsd."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tts_framework.builtin.wsd import WSD
from tts_framework.testing.optimizers import OptimizerContract
from tts_framework.testing.pasts import make_past


class TestWSD(OptimizerContract):
    plugin = "wsd"


def rate(progress: float, **options: Any) -> float:
    past = make_past(progress=progress)
    [proposal] = WSD(WSD.Config(**options), past.space).ask(past)
    return float(proposal.values["learning_rate"])


def test_warms_up_from_a_tenth_of_the_peak() -> None:
    assert rate(0.0, warmup=0.2) == pytest.approx(1e-4)
    assert rate(0.1, warmup=0.2) == pytest.approx(5.5e-4)


def test_stays_at_the_peak_between_warm_up_and_decay() -> None:
    assert {rate(p / 100, warmup=0.1, decay=0.4) for p in range(10, 61, 10)} == {1e-3}


@pytest.mark.parametrize(
    ("shape", "middle"), [("linear", 0.505), ("sqrt", 0.29996), ("exponential", 0.1)]
)
def test_decays_to_the_final_share_in_the_chosen_shape(shape: str, middle: float) -> None:
    options = {"decay": 0.4, "final": 0.01, "shape": shape}
    assert rate(0.8, **options) == pytest.approx(middle * 1e-3, rel=1e-3)
    assert rate(1.0, **options) == pytest.approx(1e-5)


def test_refuses_a_warm_up_and_a_decay_that_overlap() -> None:
    with pytest.raises(ValidationError, match=r"warmup 0.5 \+ decay 0.6 is above 1"):
        WSD.Config(warmup=0.5, decay=0.6)


def test_refuses_an_exponential_decay_to_zero() -> None:
    with pytest.raises(ValidationError, match="out of an exponential's reach"):
        WSD.Config(final=0.0)
