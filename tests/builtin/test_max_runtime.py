"""max_runtime: вышло max_runtime_hours (10.6)."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tts_framework.builtin.max_runtime import MaxRuntime
from tts_framework.testing.pasts import make_past, make_trial


def test_goes_on_within_the_limit() -> None:
    stopper = MaxRuntime(MaxRuntime.Config(max_runtime_hours=2))
    assert stopper.stop_tuning(make_past(seconds=7199)) is None


def test_stops_at_the_limit_with_the_hours_spent() -> None:
    stopper = MaxRuntime(MaxRuntime.Config(max_runtime_hours=0.5))
    assert stopper.stop_tuning(make_past(seconds=1890)) == "0.53 h of 0.5 h spent"


def test_interrupts_a_running_trial_too() -> None:
    stopper = MaxRuntime(MaxRuntime.Config(max_runtime_hours=1))
    assert stopper.stop_trial(make_trial(0, None), make_past(seconds=3600)) is not None


def test_the_limit_must_be_given() -> None:
    with pytest.raises(ValidationError, match="max_runtime_hours"):
        MaxRuntime.Config()
