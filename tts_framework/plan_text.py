"""План словами."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tts_framework.config import Use
from tts_framework.secrets import redact

if TYPE_CHECKING:
    from tts_framework.plan import Plan


def describe(plan: Plan) -> str:
    """Верни по строке на часть плана; секреты скрыты."""
    text = "\n".join(f"{key:<11}{value}" for key, value in _rows(plan))
    return redact(text, plan.secrets)


def _rows(plan: Plan) -> Iterator[tuple[str, str]]:
    settings, tuner = plan.settings, plan.settings.tuner
    yield "run", f"{settings.run} in {plan.folder}, seed {settings.seed}"
    yield "trainer", settings.trainer.command or f"ttsf train, model {_use(settings.model)}"
    strategy = "continue" if tuner.resume_from_checkpoint else "scratch"
    yield "tuner", (
        f"{_use(tuner.search_algorithm)}, strategy {strategy}: {tuner.n_startup_iters} iterations"
        f" to start, then up to {tuner.n_trials} trials of {tuner.trial_iters}"
    )
    if plan.data_version:
        yield "data", f"version {plan.data_version}"
    yield "objective", f"{tuner.objective.mode} {tuner.objective.metric}"
    for index, (name, axis) in enumerate(plan.space.items()):
        bounds = list(axis.choices) if axis.choices else f"[{axis.low:g}, {axis.high:g}]"
        row = f"{name}: {axis.type} {bounds}, starts at {plan.base[name]}"
        yield "" if index else "space", row
    yield "stops on", ", ".join(plan.stoppers)
    yield "reads", ", ".join(plan.watchers) or "no metrics"
    yield "alerts", ", ".join(plan.alerters) or "nobody"
    yield "store", settings.store.use
    for note in plan.notes:
        yield "note", note


def _use(use: Use) -> str:
    options = ", ".join(f"{key}={value}" for key, value in use.options.items())
    return f"{use.use} ({options})" if options else use.use
