"""EarlyStopController: первая причина побеждает, упавший стоппер никого не останавливает."""

from __future__ import annotations

import pytest

from tts_framework.components import Options, Stopper
from tts_framework.plugins import Plugins
from tts_framework.smart_tuner.early_stop import EarlyStopController
from tts_framework.testing.pasts import make_past, make_trial
from tts_framework.trials import Past, Trial


class Says(Stopper):
    """Всегда отвечает одно и то же."""

    def __init__(self, reason: str | None) -> None:
        super().__init__(Options())
        self.reason = reason

    def stop_trial(self, trial: Trial, past: Past) -> str | None:
        return self.reason

    def stop_tuning(self, past: Past) -> str | None:
        return self.reason


class Breaks(Stopper):
    """Падает и считает, сколько раз его спросили."""

    asked = 0

    def stop_tuning(self, past: Past) -> str | None:
        self.asked += 1
        raise KeyError("state")


def test_nobody_stops_when_no_stopper_has_a_reason() -> None:
    controller = EarlyStopController({"a": Says(None), "b": Says(None)})
    assert controller.stop_tuning(make_past()) is None
    assert controller.stop_trial(make_trial(0, None), make_past()) is None


def test_the_first_reason_is_given_with_the_name_of_its_stopper() -> None:
    controller = EarlyStopController({"a": Says(None), "b": Says("enough"), "c": Says("late")})
    assert controller.stop_tuning(make_past()) == "b: enough"
    assert controller.stop_trial(make_trial(0, None), make_past()) == "b: enough"


def test_a_stopper_that_raises_is_reported_once_and_not_asked_again() -> None:
    warnings: list[str] = []
    broken = Breaks(Options())
    controller = EarlyStopController({"bad": broken, "good": Says("enough")}, warnings.append)
    for _ in range(3):
        assert controller.stop_tuning(make_past()) == "good: enough"
    assert warnings == ["stopper bad is off: KeyError: 'state'"]
    assert broken.asked == 1


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("patience", {"patience": 3, "min_delta": 0.01}),
        ("min_learning_rate", {"min_learning_rate": 1e-6}),
        ("max_runtime", {"max_runtime_hours": 8.0}),
        ("n_trials", {"n_trials": 50}),
        ("max_failures", {"max_failures": 3}),
        ("divergence", {"max_divergences": 3}),
    ],
)
def test_built_in_stoppers_take_the_keys_of_the_early_stop_section(
    name: str, options: dict[str, float]
) -> None:
    cls = Plugins().get("stopper", name)
    controller = EarlyStopController({name: cls(cls.Config(**options))})
    assert controller.stop_tuning(make_past([make_trial(0, value=1.0)])) is None
