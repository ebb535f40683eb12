"""Сэмплер Optuna над прошлым запуска: исследование живёт один вопрос."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import optuna
from optuna.study import Study
from optuna.trial import TrialState

from tts_framework.components import Proposal
from tts_framework.space import Space
from tts_framework.trials import Past
from ttsf_optuna_engine import samplers, subset
from ttsf_optuna_engine.observations import observe, quiet, suggest, usable

if TYPE_CHECKING:
    from ttsf_optuna_engine import OptunaEngine


class Engine:
    """Собирает исследование из последних trial-ов и спрашивает его."""

    def __init__(self, config: OptunaEngine.Config, space: Space) -> None:
        quiet()
        self._config = config
        self._space = space

    def ask(self, past: Past, n: int) -> list[Proposal]:
        """Предложи `n` точек; незавершённые соседи учтены как плохие (constant liar)."""
        if not past.trials:
            return [self._known(past), *self._sampled(past, n - 1)]
        return self._sampled(past, n)

    def _known(self, past: Past) -> Proposal:
        values = self._space.clip(self._space.point(past.current, past.base))
        return Proposal(values, "current values come first")

    def _sampled(self, past: Past, n: int) -> list[Proposal]:
        study, known, shown = self._study(past)
        note = self._note(known, shown, past)
        proposals = []
        for _ in range(n):
            values = self._space.define(partial(suggest, study.ask()))
            proposals.append(Proposal(values, note))
        return proposals

    def _study(self, past: Past) -> tuple[Study, int, int]:
        """Собери исследование; верни и число оценённых trial-ов: в окне и показанных сэмплеру."""
        metrics = self._metrics(past)
        study = optuna.create_study(
            directions=["maximize"] * max(1, len(metrics)),
            sampler=samplers.make(self._config, self._space, past),
        )
        trials, size = usable(past.trials, self._space), 1
        if self._config.sampler in samplers.GENERATIONAL:
            size = samplers.population(self._config, self._space)
        start = max(0, len(trials) - self._config.window)
        observed = observe(trials[start - start % size :], self._space, metrics)
        if size > 1:
            observed = [trial for trial in observed if trial.state == TrialState.COMPLETE]
            if self._config.sampler == "cmaes" and self._space.conditional:
                observed = samplers.without_conditional(observed, self._space)
            samplers.replay(study, observed, size)
            return study, len(observed), len(observed)
        shown = observed
        if self._config.sampler == "gp":
            limit = max(self._config.gp_max_trials, self._config.n_startup_trials)
            shown = subset.chosen(observed, limit)
        samplers.show(study, shown, self._config)
        return study, len(observed), len(shown)

    def _metrics(self, past: Past) -> tuple[str, ...]:
        """Назови цели, если сэмплер различает их; CMA-ES знает только первую."""
        if len(past.objectives) < 2 or self._config.sampler == "cmaes":
            return ()
        return tuple(metric for metric, _ in past.objectives)

    def _note(self, known: int, shown: int, past: Past) -> str:
        name = self._config.sampler
        needed = self._config.n_startup_trials if name in samplers.MODELLED else 0
        if known < needed:
            return f"random start-up point, {known} of {needed} trials scored"
        if name in samplers.MODELLED + samplers.GENERATIONAL:
            which = "" if shown == known else f"{shown} of "
            return f"{samplers.LABELS[name]} over {which}the last {known} scored trials"
        return f"{samplers.LABELS[name]} point of decision {past.decision}"
