"""wording: каждое событие — одна понятная строка с главными числами."""

from __future__ import annotations

import math
from dataclasses import fields

import pytest

from tts_framework import events
from tts_framework.events import Event, Metric
from tts_framework.wording import describe, duration, values

TRIAL_FINISHED = events.TrialFinished(
    trial=3,
    outcome="rolled_back",
    reason="z = -2.40 is below -2",
    end_iteration=800,
    checkpoint="checkpoints/trial_0003/checkpoint_800",
    sha256="0" * 64,
    value=0.51234567,
    score=-2.4,
    forecast=0.5,
    forecast_std=0.01,
    seconds=119.4,
)

EXAMPLES: list[tuple[Event, str]] = [
    (
        events.RunStarted(
            run="ru-nsh",
            seed=7,
            strategy="continue",
            optimizer="optuna",
            objective={"metric": "val_loss", "mode": "min"},
            space={"learning_rate": {}, "dropout": {}},
            base={},
            version="0.1.0",
        ),
        "run ru-nsh started: strategy continue, optimizer optuna,"
        " min val_loss over learning_rate, dropout, seed 7",
    ),
    (events.RunResumed(run="ru-nsh", trials=7), "run ru-nsh continued after 7 trials"),
    (
        events.RunResumed(run="ru-nsh", trials=7, open_trial=7),
        "run ru-nsh continued after 7 trials; trial 7 was open",
    ),
    (
        events.TrialStarted(
            trial=3,
            kind="proposal",
            parent=2,
            checkpoint="c",
            sha256=None,
            start_iteration=600,
            end_iteration=800,
            hparams={"learning_rate": 0.00051234, "batch_size": 16},
            reason="TPE over 3 trials",
        ),
        "trial 3 (proposal) from trial 2, iterations 600-800,"
        " learning_rate=0.0005123, batch_size=16: TPE over 3 trials",
    ),
    (
        events.TrainerLaunched(
            trial=3, attempt=1, pid=42, command="ttsf train", from_iteration=600
        ),
        "trial 3: trainer started from iteration 600 (pid 42, attempt 1)",
    ),
    (
        events.TrainerVerified(trial=3, checks={"first step": "610", "learning_rate": "0.0005"}),
        "trial 3: verified: first step 610, learning_rate 0.0005",
    ),
    (events.TrainerVerified(trial=3, checks={}), "trial 3: verified: nothing to check"),
    (
        events.MetricsReceived(
            trial=3,
            metrics=(
                Metric("val_loss", 600, 0.6, 0.0),
                Metric("val_loss", 800, 0.5, 1.0),
                Metric("grad.norm", 800, math.nan, 1.0),
            ),
        ),
        "trial 3: step 800: val_loss 0.5, grad.norm nan",
    ),
    (events.MetricsReceived(trial=3, metrics=()), "trial 3: step 0: no metrics"),
    (
        events.TrainerExited(trial=3, code=3, meaning="the loss is nan"),
        "trial 3: trainer exited with code 3: the loss is nan",
    ),
    (
        TRIAL_FINISHED,
        "trial 3 rolled back at iteration 800 (value 0.5123, score -2.40, 119 s):"
        " z = -2.40 is below -2",
    ),
    (
        events.RolledBack(trial=3, to_trial=None, reason="worse"),
        "trial 3 rolled back to the start: worse",
    ),
    (
        events.RolledBack(trial=3, to_trial=2, reason="worse"),
        "trial 3 rolled back to trial 2: worse",
    ),
    (
        events.BestImproved(trial=3, metric="val_loss", value=0.5, previous=0.6, checkpoint="c"),
        "best val_loss 0.5 (was 0.6) in trial 3",
    ),
    (
        events.BestImproved(trial=0, metric="val_loss", value=0.5, previous=None, checkpoint="c"),
        "best val_loss 0.5 in trial 0",
    ),
    (
        events.CheckpointsRemoved(paths=("a", "b"), freed_bytes=2_500_000),
        "2 checkpoints removed, 2.5 MB freed",
    ),
    (events.OptimizerFailed(error="KeyError: 'x'"), "optimizer failed, values kept: KeyError: 'x'"),
    (
        events.PlateauReached(metric="val_loss", value=0.5, best_trial=3, trials=5),
        "plateau: 5 trials in a row did not improve val_loss 0.5 of trial 3",
    ),
    (
        events.DiskLow(free_bytes=1_540_000_000, threshold_bytes=2_000_000_000),
        "disk is low: 1.5 GB free, below 2 GB; free some or set tuner.disk_budget_gb",
    ),
    (
        events.RunCrashed(error="KeyError: 'x'"),
        "run crashed: KeyError: 'x'; nothing committed is lost, start it again to continue",
    ),
    (events.Warned(message="disk is\nnearly full"), "disk is nearly full"),
    (
        events.RunStopped(reason="50 of 50 trials done", finished=True),
        "run finished: 50 of 50 trials done",
    ),
    (
        events.RunStopped(reason="interrupted by SIGINT", finished=False),
        "run interrupted: interrupted by SIGINT; start it again to continue",
    ),
]


@pytest.mark.parametrize(("event", "text"), EXAMPLES)
def test_an_event_reads_as_one_line(event: Event, text: str) -> None:
    assert describe(event) == text


def test_every_type_of_event_has_an_example() -> None:
    known = {cls.__name__ for cls in Event.__subclasses__() if cls.__module__ == events.__name__}
    assert known == {type(event).__name__ for event, _ in EXAMPLES}


def test_an_event_of_a_plugin_is_named_by_its_type() -> None:
    class Coffee(Event):
        """Событие, о котором ядро не знает."""

    assert describe(Coffee()) == "Coffee"
    assert [field.name for field in fields(Coffee)] == ["at"]


def test_values_are_short_and_in_order() -> None:
    text = values({"b": 2, "a": 1 / 3, "c": True, "d": "relu", "e": 1e-05})
    assert text == "b=2, a=0.3333, c=True, d=relu, e=1e-05"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (119, "119 s"), (120, "2 min"), (3599, "1 h 00 min"), (11100, "3 h 05 min")],
)
def test_durations_are_rounded_to_what_a_person_reads(seconds: float, text: str) -> None:
    assert duration(seconds) == text
