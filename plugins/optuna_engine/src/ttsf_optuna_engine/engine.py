"""TPE над прошлым запуска: исследование живёт один вопрос."""

from __future__ import annotations

import hashlib
import warnings
from typing import TYPE_CHECKING

import optuna
from optuna.samplers import TPESampler
from optuna.study import Study

from tts_framework.components import Proposal
from tts_framework.space import Space
from tts_framework.trials import Past
from ttsf_optuna_engine.observations import distributions, observe, quiet

if TYPE_CHECKING:
    from ttsf_optuna_engine import OptunaEngine


class Engine:
    """Собирает исследование из последних trial-ов и спрашивает его."""

    def __init__(self, config: OptunaEngine.Config, space: Space) -> None:
        quiet()
        self._config = config
        self._space = space
        self._distributions = distributions(space)

    def ask(self, past: Past, n: int) -> list[Proposal]:
        """Предложи `n` точек; незавершённые соседи учтены как плохие (constant liar)."""
        if not past.trials:
            return [self._known(past), *self._sampled(past, n - 1)]
        return self._sampled(past, n)

    def _known(self, past: Past) -> Proposal:
        values = self._space.clip(past.current)
        return Proposal(values, "current values come first")

    def _sampled(self, past: Past, n: int) -> list[Proposal]:
        study = self._study(past)
        note = self._note(study)
        proposals = []
        for _ in range(n):
            params = study.ask(self._distributions).params
            proposals.append(Proposal(self._space.clip(params), note))
        return proposals

    def _study(self, past: Past) -> Study:
        study = optuna.create_study(direction="maximize", sampler=self._sampler(past))
        study.add_trials(observe(past.trials[-self._config.window :], self._space))
        return study

    def _sampler(self, past: Past) -> TPESampler:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            return TPESampler(
                n_startup_trials=self._config.n_startup_trials,
                n_ei_candidates=self._config.n_ei_candidates,
                multivariate=True,
                constant_liar=True,
                seed=_seed(past),
            )

    def _note(self, study: Study) -> str:
        known, needed = len(study.get_trials(deepcopy=False)), self._config.n_startup_trials
        if known < needed:
            return f"random start-up point, {known} of {needed} trials scored"
        return f"TPE over the last {known} scored trials"


def _seed(past: Past) -> int:
    digest = hashlib.sha256(f"{past.seed}/{past.decision}".encode()).digest()
    return int.from_bytes(digest[:4], "big")
