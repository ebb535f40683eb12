"""Сэмплеры по имени: учатся, повторяются, знают условные оси и несколько целей."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import optuna
import pytest

from tts_framework.components import Proposal
from tts_framework.errors import TTSFError
from tts_framework.events import Value
from tts_framework.space import Parameter, Space
from tts_framework.testing.optimizers import OptimizerContract
from tts_framework.testing.pasts import awkward_pasts, make_past, make_trial
from tts_framework.trials import DIVERGED, Trial
from ttsf_optuna_engine import OptunaEngine, samplers
from ttsf_optuna_engine.observations import observe

SAMPLERS = ("tpe", "gp", "cmaes", "nsga2", "random", "qmc")
RATE = Parameter("rate", "loguniform", 1e-5, 1e-1)
SPACE = Space({"rate": RATE, "dropout": Parameter("dropout", "uniform", 0.0, 1.0)})
BASE: dict[str, Value] = {"rate": 1e-3, "dropout": 0.5}
BEST = {"rate": 1e-2, "dropout": 0.2}
GOALS = (("val_loss", "min"), ("speed", "max"))


def away(values: Any) -> float:
    """Верни квадрат расстояния до лучшей точки в единичной шкале."""
    return sum(SPACE[name].gap(values[name], BEST[name]) ** 2 for name in SPACE)


def asked(trials: Sequence[Trial], sampler: str, n: int = 1, **past: Any) -> list[Proposal]:
    space, seed = past.pop("space", SPACE), past.pop("seed", 1)
    config = OptunaEngine.Config(sampler=sampler)
    known = make_past(trials, space, base=BASE, current=BASE, seed=seed, **past)
    return OptunaEngine(config, space).ask(known, n)


def searched(sampler: str, n: int, seed: int) -> list[Trial]:
    """Проведи подбор: оценка падает с расстоянием до лучшей точки."""
    trials: list[Trial] = []
    for number in range(n):
        values = asked(trials, sampler, seed=seed)[0].values
        trials.append(make_trial(number, hparams=values, score=-away(values), parent=None))
    return trials


@pytest.mark.parametrize("sampler", ["tpe", "cmaes", "nsga2"])
def test_points_gather_where_scores_are_high(sampler: str) -> None:
    def late(name: str) -> float:
        last = [t for seed in range(3) for t in searched(name, 40, seed)[-8:]]
        return sum(away(t.hparams) for t in last) / len(last)

    assert late(sampler) < 0.5 * late("random")


def test_the_gaussian_process_keeps_its_answer_and_the_space() -> None:
    past = OptimizerContract.past(seed=2, size=12)
    config = OptunaEngine.Config(sampler="gp", pruner="none")
    first, again = (OptunaEngine(config, past.space).ask(past, 2) for _ in range(2))
    assert first == again
    assert all(past.space.violations(proposal.values) == [] for proposal in first)
    assert first[0].note.startswith("Gaussian process over the last")


@pytest.mark.parametrize("name", sorted(awkward_pasts()))
def test_the_gaussian_process_answers_the_awkward_pasts(name: str) -> None:
    past = awkward_pasts()[name]
    optimizer = OptunaEngine(OptunaEngine.Config(sampler="gp", n_startup_trials=2), past.space)
    for proposal in optimizer.ask(past, 2):
        assert past.space.violations(proposal.values) == []


def test_quasi_random_points_cover_the_space_more_evenly_than_random_ones() -> None:
    trials = [make_trial(0, hparams=BASE, score=0.0)]
    points = []
    for number in range(1, 65):
        points.append(float(asked(trials, "qmc")[0].values["dropout"]))
        trials.append(make_trial(number, hparams=BASE, score=0.0))
    filled = {math.floor(32 * point) for point in points}
    rng = random.Random(0)
    assert len(filled) >= 30 > len({math.floor(32 * rng.random()) for _ in range(64)})


@pytest.mark.parametrize("sampler", ["cmaes", "nsga2"])
def test_a_generation_is_told_before_the_next_one_is_asked(sampler: str) -> None:
    config = OptunaEngine.Config(sampler=sampler, population=5)
    trials = searched("random", 18, seed=1)
    study = optuna.create_study(
        direction="maximize",
        sampler=samplers.make(config, SPACE, make_past(trials, SPACE, base=BASE)),
    )
    samplers.replay(study, observe(trials, SPACE), size=5)
    numbers = [
        next((v for k, v in trial.system_attrs.items() if k.endswith("generation")), None)
        for trial in study.get_trials(states=[optuna.trial.TrialState.COMPLETE])
    ]
    assert numbers == [None, *[0] * 5, *[1] * 5, *[2] * 5, *[3] * 2]


# --- условные оси ---------------------------------------------------------------------------

KIND = Parameter("kind", "categorical", choices=("adamw", "sgd"))
CONDITIONAL = Space(
    {
        "momentum": Parameter("momentum", "uniform", 0.0, 0.99, when=(("kind", ("sgd",)),)),
        "kind": KIND,
        "beta": Parameter("beta", "uniform", 0.8, 1.0, when=(("kind", ("adamw",)),)),
    }
)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_only_acting_axes_are_proposed_and_observed(sampler: str) -> None:
    rng = random.Random(3)
    trials = [
        make_trial(n, hparams=CONDITIONAL.sample(rng), score=rng.gauss(0, 1)) for n in range(12)
    ]
    for seed in range(4):
        for proposal in asked(trials, sampler, 2, space=CONDITIONAL, seed=seed):
            assert set(proposal.values) == set(CONDITIONAL.active(proposal.values))
            assert CONDITIONAL.violations(proposal.values) == []
    assert [set(t.params) for t in observe(trials, CONDITIONAL)] == [set(t.hparams) for t in trials]


def test_a_trial_without_an_acting_axis_is_no_observation() -> None:
    trial = make_trial(0, hparams={"kind": "sgd", "beta": 0.9}, score=1.0)
    assert observe([trial], CONDITIONAL) == []


# --- несколько целей ------------------------------------------------------------------------


def two_goals(number: int, values: Any) -> Trial:
    """Потери зовут к одной точке, скорость — к другой: фронт между ними."""
    scores = {"val_loss": -away(values), "speed": -((float(values["dropout"]) - 0.8) ** 2)}
    return make_trial(number, hparams=values, score=scores["val_loss"], scores=scores, parent=None)


def test_every_objective_is_observed_and_a_failure_is_bad_in_all() -> None:
    trials = [two_goals(0, BASE), two_goals(1, BEST)]
    trials.append(make_trial(2, DIVERGED, hparams=BASE))
    first, second, failed = observe(trials, SPACE, ("val_loss", "speed"))
    assert second.values[0] > first.values[0] and second.values[1] < first.values[1]
    assert failed.values[0] < first.values[0] and failed.values[1] < second.values[1]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler_answers_with_several_objectives(sampler: str) -> None:
    rng = random.Random(5)
    trials = [two_goals(n, SPACE.sample(rng)) for n in range(14)]
    proposals = asked(trials, sampler, 2, objectives=GOALS)
    assert proposals == asked(trials, sampler, 2, objectives=GOALS)
    assert all(SPACE.violations(proposal.values) == [] for proposal in proposals)


@pytest.mark.parametrize("sampler", ["tpe", "nsga2"])
def test_the_second_objective_pulls_the_search_along_the_front(sampler: str) -> None:
    def late(**past: Any) -> float:
        trials: list[Trial] = []
        for number in range(45):
            values = asked(trials, sampler, **past)[0].values
            trials.append(two_goals(number, values))
        return sum(float(t.hparams["dropout"]) for t in trials[-15:]) / 15

    assert late(objectives=GOALS) > late() + 0.05


# --- ошибки ---------------------------------------------------------------------------------


def test_a_missing_library_is_named_before_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    import ttsf_optuna_engine

    real: Callable[[str], Any] = ttsf_optuna_engine.find_spec
    monkeypatch.setattr(
        ttsf_optuna_engine, "find_spec", lambda name: None if name == "torch" else real(name)
    )
    with pytest.raises(TTSFError, match=r"sampler gp needs torch.*ttsf-optuna-engine\[gp\]"):
        OptunaEngine(OptunaEngine.Config(sampler="gp"), SPACE)
    OptunaEngine(OptunaEngine.Config(sampler="tpe"), SPACE)
