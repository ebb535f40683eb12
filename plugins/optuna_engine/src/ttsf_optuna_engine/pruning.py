"""Прунеры Optuna над преимуществами trial-ов."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import optuna
from optuna.pruners import (
    BasePruner,
    HyperbandPruner,
    MedianPruner,
    PercentilePruner,
    WilcoxonPruner,
)
from optuna.samplers import RandomSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState, create_trial

from tts_framework.trials import COMMITTED, ROLLED_BACK, Past, Trial
from ttsf_optuna_engine.observations import quiet

if TYPE_CHECKING:
    from ttsf_optuna_engine import OptunaEngine

_WORST = -1e9
"""Преимущество разошедшегося trial: конечное, чтобы его можно было сравнивать."""
_WHOLE = (COMMITTED, ROLLED_BACK)


class Pruning:
    """Воспроизводит прошлые trial-ы в исследовании Optuna и судит идущий наравне с ними.

    Ступени сравнивают преимущество на одном и том же шаге внутри trial: ни глобальный шаг,
    ни сырая метрика у trial-ов с разными родителями не сравнимы (reference: scoring).
    """

    def __init__(self, config: OptunaEngine.Config) -> None:
        quiet()
        self._config = config

    def reason(self, trial: Trial, past: Past) -> str | None:
        """Верни причину прервать trial; исходные и контрольные доучиваются всегда."""
        peers = self._peers(trial, past)
        if not self._may_prune(trial, peers):
            return None
        study = self._study(trial, peers)
        judge = _against_best if self._config.pruner == "wilcoxon" else _on_rungs
        if not judge(study, trial, peers):
            return None
        step, value = trial.advantages[-1]
        return (
            f"{self._config.pruner}: advantage {value:+.2f} at step {step} of the trial is among"
            f" the worst of {len(peers) + 1} trials"
        )

    def _peers(self, trial: Trial, past: Past) -> list[Trial]:
        known = [t for t in past.trials if t.number != trial.number and t.outcome is not None]
        return [t for t in known if t.advantages][-self._config.window :]

    def _may_prune(self, trial: Trial, peers: list[Trial]) -> bool:
        if trial.kind != "proposal" or not trial.advantages:
            return False
        if trial.advantages[-1][0] >= _length(trial):
            return False
        if len(peers) < self._config.n_startup_trials:
            return False
        continues = trial.parent is not None
        return not (continues and trial.advantages[-1][1] > self._config.spare_above)

    def _study(self, trial: Trial, peers: list[Trial]) -> Study:
        first = peers[0].number if peers else trial.number
        return optuna.create_study(
            direction="maximize",
            study_name=f"trials from {first}",
            sampler=RandomSampler(seed=0),
            pruner=self._pruner(trial),
        )

    def _pruner(self, trial: Trial) -> BasePruner:
        eta, later = self._config.reduction_factor, self._config.brackets - 1
        first_rung = math.ceil(_length(trial) / eta**later)
        startup = self._config.n_startup_trials
        match self._config.pruner:
            case "median":
                return MedianPruner(startup, first_rung, n_min_trials=startup)
            case "percentile":
                share = self._config.percentile
                return PercentilePruner(share, startup, first_rung, n_min_trials=startup)
            case "wilcoxon":
                return _wilcoxon(self._config.p_threshold)
        # +1: число скобок — целая часть логарифма, который округление могло бы занизить
        return HyperbandPruner(first_rung, first_rung * eta**later + 1, eta)


def _wilcoxon(p_threshold: float) -> BasePruner:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return WilcoxonPruner(p_threshold=p_threshold)


def _length(trial: Trial) -> int:
    return max(1, trial.end_iteration - trial.start_iteration)


def _on_rungs(study: Study, trial: Trial, peers: Sequence[Trial]) -> bool:
    """Повтори всех и скажи, велел ли прунер остановить этот trial."""
    for peer in peers:
        _replay(study, peer)
    return _report(study, trial)[1]


def _against_best(study: Study, trial: Trial, peers: Sequence[Trial]) -> bool:
    """Сравни с лучшим по точкам: памяти у критерия нет, а каждый его вопрос дорог."""
    study.add_trials([_judged(peer) for peer in peers if peer.outcome in _WHOLE])
    running = study.ask()
    for step, value in trial.advantages:
        running.report(_comparable(value), step)
    return running.should_prune()


def _judged(trial: Trial) -> FrozenTrial:
    steps = {step: _comparable(value) for step, value in trial.advantages}
    return create_trial(value=_comparable(trial.advantages[-1][1]), intermediate_values=steps)


def _replay(study: Study, trial: Trial) -> None:
    """Повтори завершённый trial: прунер запомнит его ступени."""
    running, _ = _report(study, trial)
    if trial.outcome in _WHOLE:
        study.tell(running, _comparable(trial.advantages[-1][1]))
    else:
        study.tell(running, state=TrialState.PRUNED)


def _report(study: Study, trial: Trial) -> tuple[optuna.Trial, bool]:
    """Доложи преимущества по шагам; верни, велел ли прунер остановиться хоть на одном."""
    running = study.ask()
    verdicts = []
    for step, value in trial.advantages:
        running.report(_comparable(value), step)
        verdicts.append(running.should_prune())
    return running, any(verdicts)


def _comparable(value: float) -> float:
    return max(value, _WORST) if not math.isnan(value) else _WORST
