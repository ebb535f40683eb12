"""Сэмплеры Optuna по имени: как их создать и как показать им прошлое.

Сэмплерам поколений (CMA-ES, NSGA-II) мало самих наблюдений: номер поколения и распределение они
держат в служебных полях trial-ов. Прошлое им повторяют: в начале каждого поколения сэмплер
спрашивают, и его поля получают trial-ы, испытанные на самом деле.
"""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    NSGAIISampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState, create_trial

from tts_framework.events import Value
from tts_framework.space import Space
from tts_framework.trials import Past

if TYPE_CHECKING:
    from ttsf_optuna_engine import OptunaEngine

GENERATIONAL = ("cmaes", "nsga2")
MODELLED = ("tpe", "gp")
LABELS = {
    "tpe": "TPE",
    "gp": "Gaussian process",
    "cmaes": "CMA-ES",
    "nsga2": "NSGA-II",
    "random": "random",
    "qmc": "quasi-random",
}
_SIGMA = 0.25


class SobolFrom(QMCSampler):
    """Последовательность Соболя с заданного места: номер точки — номер решения."""

    def __init__(self, seed: int, first: int) -> None:
        independent = RandomSampler(seed=(seed + first) % 2**32)
        super().__init__(
            qmc_type="sobol",
            scramble=True,
            seed=seed,
            independent_sampler=independent,
            warn_independent_sampling=False,
        )
        self._next = first

    def _find_sample_id(self, study: Study, search_space: dict[str, Any]) -> int:
        self._next += 1
        return self._next - 1


def population(config: OptunaEngine.Config, space: Space) -> int:
    """Верни число точек в поколении."""
    if config.population is not None:
        return config.population
    return 8 if config.sampler == "nsga2" else 4 + math.floor(math.log(max(1, len(space))))


def make(config: OptunaEngine.Config, space: Space, past: Past) -> BaseSampler:
    """Создай сэмплер; его случайность — от (зерно, номер решения)."""
    seed, name = _seed(past.seed, past.decision), config.sampler
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        warnings.simplefilter("ignore", FutureWarning)  # x0 и sigma0 есть во всей ветви 5.x
        match name:
            case "tpe":
                return TPESampler(
                    n_startup_trials=config.n_startup_trials,
                    n_ei_candidates=config.n_ei_candidates,
                    multivariate=True,
                    group=space.conditional,
                    constant_liar=True,
                    seed=seed,
                )
            case "gp":
                from ttsf_optuna_engine.process import QuickGP  # просит torch и scipy

                return QuickGP(
                    seed=seed,
                    n_startup_trials=config.n_startup_trials,
                    warn_independent_sampling=False,
                )
            case "cmaes":
                return CmaEsSampler(
                    x0=_start(space, past),
                    sigma0=_SIGMA,
                    popsize=population(config, space),
                    warn_independent_sampling=False,
                    seed=seed,
                )
            case "nsga2":
                return NSGAIISampler(population_size=population(config, space), seed=seed)
            case "qmc":
                return SobolFrom(_seed(past.seed), past.decision)
    return RandomSampler(seed=seed)


def _start(space: Space, past: Past) -> dict[str, Value]:
    """Верни исходное значение каждой оси, и недействующей тоже."""
    known = {name: past.base.get(name, axis.from_unit(0.5)) for name, axis in space.items()}
    return space.clip(known)


def show(study: Study, observed: Sequence[FrozenTrial], config: OptunaEngine.Config) -> None:
    """Покажи исследованию прошлое настолько, насколько оно нужно сэмплеру."""
    if config.sampler == "qmc":
        study.add_trials(observed[:1])  # только ради пространства
    elif config.sampler in MODELLED:
        study.add_trials(observed)


def without_conditional(observed: Sequence[FrozenTrial], space: Space) -> list[FrozenTrial]:
    """Оставь в наблюдениях оси без условий: пространство CMA-ES не меняется от trial к trial."""
    steady = {name for name, axis in space.items() if not axis.when}
    return [
        create_trial(
            values=trial.values,
            params={name: v for name, v in trial.params.items() if name in steady},
            distributions={n: d for n, d in trial.distributions.items() if n in steady},
        )
        for trial in observed
    ]


def replay(study: Study, observed: Sequence[FrozenTrial], size: int) -> None:
    """Повтори поколения; первое наблюдение — исходная точка, она вне поколений."""
    study.add_trials(observed[:1])
    marks: dict[str, Any] = {}
    for index, trial in enumerate(observed[1:]):
        attributes = marks
        if index % size == 0:
            attributes = _marks(study, observed[0].distributions)
            marks = {key: v for key, v in attributes.items() if key.endswith("generation")}
        study.add_trial(
            create_trial(
                values=trial.values,
                params=trial.params,
                distributions=trial.distributions,
                system_attrs=attributes,
            )
        )


def _marks(study: Study, distributions: dict[str, BaseDistribution]) -> dict[str, Any]:
    """Спроси сэмплер ради служебных полей нового поколения."""
    asked = study.ask(distributions)
    study.tell(asked, state=TrialState.FAIL)
    return dict(study.get_trials(deepcopy=False)[asked.number].system_attrs)


def _seed(*parts: int) -> int:
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:4], "big")
