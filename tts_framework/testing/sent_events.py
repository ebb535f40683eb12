"""Образцы событий всех видов: ими проверяют хранилища и оповещатели."""

from __future__ import annotations

import math

from tts_framework.events import (
    BestImproved,
    CheckpointsRemoved,
    Event,
    OptimizerFailed,
    RolledBack,
    RunResumed,
    RunStarted,
    RunStopped,
    TrainerExited,
    TrainerLaunched,
    TrainerVerified,
    TrialFinished,
    TrialStarted,
    Warned,
)

_LAST = "checkpoints/trial_0001/checkpoint_200"


def sample_events() -> list[Event]:
    """Верни по событию каждого вида, в порядке настоящего запуска; у всех разное время."""
    events: list[Event] = [
        RunStarted(
            run="голос",
            seed=7,
            strategy="continue",
            optimizer="random",
            objective={"metric": "val_loss", "mode": "min"},
            space={"learning_rate": {"type": "loguniform", "low": 1e-5, "high": 1e-2}},
            base={"learning_rate": 1e-3, "method": "sgd", "flag": True, "depth": 3},
            version="0.1.0",
            at=1.0,
        ),
        TrialStarted(
            trial=1,
            kind="proposal",
            parent=0,
            checkpoint="checkpoints/trial_0000/checkpoint_100",
            sha256="0" * 64,
            start_iteration=100,
            end_iteration=200,
            hparams={"learning_rate": 5e-4},
            reason="random point",
            at=2.0,
        ),
        TrainerLaunched(
            trial=1, attempt=1, pid=4321, command="ttsf train", from_iteration=100, at=3.0
        ),
        TrainerVerified(trial=1, checks={"step": "110 after 100"}, at=4.0),
        TrainerExited(trial=1, code=-9, meaning="killed by SIGKILL", at=5.0),
        TrialFinished(
            trial=1,
            outcome="committed",
            reason="z = +1.20",
            end_iteration=200,
            checkpoint=_LAST,
            sha256="f" * 64,
            value=0.5,
            score=1.2,
            forecast=0.6,
            forecast_std=0.05,
            seconds=12.25,
            at=6.0,
        ),
        BestImproved(
            trial=1, metric="val_loss", value=0.5, previous=None, checkpoint=_LAST, at=7.0
        ),
        RolledBack(trial=2, to_trial=1, reason="z = -2.40 is below -2", at=8.0),
        TrialFinished(
            trial=3,
            outcome="diverged",
            reason="training.loss is nan",
            end_iteration=230,
            checkpoint=None,
            sha256=None,
            value=math.inf,
            score=None,
            forecast=None,
            forecast_std=None,
            seconds=0.0,
            at=9.0,
        ),
        CheckpointsRemoved(paths=("checkpoints/trial_0000/checkpoint_100",), freed_bytes=10, at=10),
        OptimizerFailed(error="KeyError: 'x'", at=11.0),
        Warned(message='диск почти полон: "[red]осталось[/red]" 1 ГБ\nвторая строка', at=12.0),
        RunStopped(reason="interrupted by SIGINT", finished=False, at=13.0),
        RunResumed(run="голос", trials=4, open_trial=None, at=14.0),
        RunStopped(reason="n_trials: 50 of 50 trials done", finished=True, at=15.0),
    ]
    return events
