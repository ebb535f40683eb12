"""События словами: одна английская строка с главными числами для терминала и оповещений."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import singledispatch

from tts_framework import events
from tts_framework.events import Event, Value


def describe(event: Event) -> str:
    """Опиши событие одной строкой."""
    return " ".join(_text(event).split())


def values(hparams: Mapping[str, Value]) -> str:
    """Перечисли значения коротко: `learning_rate=0.0005, batch_size=16`."""
    return ", ".join(f"{name}={_number(value)}" for name, value in hparams.items())


@singledispatch
def _text(event: Event) -> str:
    return type(event).__name__


@_text.register
def _(event: events.RunStarted) -> str:
    goal = f"{event.objective.get('mode', 'min')} {event.objective.get('metric', 'val_loss')}"
    return (
        f"run {event.run} started: strategy {event.strategy}, optimizer {event.optimizer},"
        f" {goal} over {', '.join(event.space) or 'an empty space'}, seed {event.seed}"
    )


@_text.register
def _(event: events.RunResumed) -> str:
    text = f"run {event.run} continued after {event.trials} trials"
    return text if event.open_trial is None else f"{text}; trial {event.open_trial} was open"


@_text.register
def _(event: events.TrialStarted) -> str:
    origin = "from scratch" if event.parent is None else f"from trial {event.parent}"
    return (
        f"trial {event.trial} ({event.kind}) {origin}, iterations"
        f" {event.start_iteration}-{event.end_iteration}, {values(event.hparams)}: {event.reason}"
    )


@_text.register
def _(event: events.TrainerLaunched) -> str:
    return (
        f"trial {event.trial}: trainer started from iteration {event.from_iteration}"
        f" (pid {event.pid}, attempt {event.attempt})"
    )


@_text.register
def _(event: events.TrainerVerified) -> str:
    checks = ", ".join(f"{name} {result}" for name, result in event.checks.items())
    return f"trial {event.trial}: verified: {checks or 'nothing to check'}"


@_text.register
def _(event: events.MetricsReceived) -> str:
    latest = {metric.tag: metric for metric in event.metrics}
    shown = ", ".join(f"{tag} {_number(metric.value)}" for tag, metric in latest.items())
    step = max((metric.step for metric in event.metrics), default=0)
    return f"trial {event.trial}: step {step}: {shown or 'no metrics'}"


@_text.register
def _(event: events.TrainerExited) -> str:
    return f"trial {event.trial}: trainer exited with code {event.code}: {event.meaning}"


@_text.register
def _(event: events.TrialFinished) -> str:
    numbers = [f"value {_number(event.value)}"] if event.value is not None else []
    numbers += [f"score {event.score:+.2f}"] if event.score is not None else []
    numbers += [duration(event.seconds)]
    outcome = event.outcome.replace("_", " ")
    return (
        f"trial {event.trial} {outcome} at iteration {event.end_iteration}"
        f" ({', '.join(numbers)}): {event.reason}"
    )


@_text.register
def _(event: events.RolledBack) -> str:
    target = "the start" if event.to_trial is None else f"trial {event.to_trial}"
    return f"trial {event.trial} rolled back to {target}: {event.reason}"


@_text.register
def _(event: events.BestImproved) -> str:
    before = "" if event.previous is None else f" (was {_number(event.previous)})"
    return f"best {event.metric} {_number(event.value)}{before} in trial {event.trial}"


@_text.register
def _(event: events.CheckpointsRemoved) -> str:
    return f"{len(event.paths)} checkpoints removed, {event.freed_bytes / 1e6:.1f} MB freed"


@_text.register
def _(event: events.OptimizerFailed) -> str:
    return f"optimizer failed, values kept: {event.error}"


@_text.register
def _(event: events.Warned) -> str:
    return event.message


@_text.register
def _(event: events.PlateauReached) -> str:
    return (
        f"plateau: {event.trials} trials in a row did not improve {event.metric}"
        f" {_number(event.value)} of trial {event.best_trial}"
    )


@_text.register
def _(event: events.DiskLow) -> str:
    return (
        f"disk is low: {event.free_bytes / 1e9:.1f} GB free, below"
        f" {event.threshold_bytes / 1e9:g} GB; free some or set tuner.disk_budget_gb"
    )


@_text.register
def _(event: events.RunCrashed) -> str:
    return f"run crashed: {event.error}; nothing committed is lost, start it again to continue"


@_text.register
def _(event: events.RunStopped) -> str:
    if event.finished:
        return f"run finished: {event.reason}"
    return f"run interrupted: {event.reason}; start it again to continue"


def duration(seconds: float) -> str:
    """Запиши длительность: `48 s`, `12 min`, `3 h 05 min`."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def _number(value: Value) -> str:
    if isinstance(value, bool) or not isinstance(value, float):
        return str(value)
    return f"{value:.4g}" if math.isfinite(value) else str(value)
