"""CMA-ES: поколения, которые учатся, повторяются и не боятся плохих исходов."""

from __future__ import annotations

import logging
import math
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from pydantic import ValidationError

from tts_framework.components import Proposal
from tts_framework.events import Value
from tts_framework.space import Parameter, Space
from tts_framework.testing.pasts import make_past, make_trial
from tts_framework.trials import DIVERGED, FAILED, Trial
from ttsf_cmaes_engine import CmaesEngine

SPACE = Space(
    {
        "rate": Parameter("rate", "loguniform", 1e-5, 1e-1),
        "drop": Parameter("drop", "uniform", 0.0, 0.5),
        "units": Parameter("units", "int", 1, 8),
        "size": Parameter("size", "logint", 16, 4096),
        "act": Parameter("act", "categorical", choices=("relu", "gelu", "tanh")),
    }
)
BASE: dict[str, Value] = {"rate": 1e-3, "drop": 0.25, "units": 4, "size": 256, "act": "relu"}
BEST: dict[str, Value] = {"rate": 2e-2, "drop": 0.1, "units": 7, "size": 1024, "act": "gelu"}


def away(values: Any) -> float:
    weight = {"act": 0.05}
    return sum(weight.get(n, 1) * SPACE[n].gap(values[n], BEST[n]) ** 2 for n in SPACE)


def ask(
    trials: Sequence[Trial], n: int = 1, space: Space = SPACE, seed: int = 1, **options: Any
) -> list[Proposal]:
    base = {name: BASE.get(name, axis.from_unit(0.5)) for name, axis in space.items()}
    past = make_past(trials, space, base=base, current=base, seed=seed)
    return CmaesEngine(CmaesEngine.Config(**options), space).ask(past, n)


def search(
    n: int,
    seed: int,
    space: Space = SPACE,
    score: Callable[[Any], float] = lambda values: -away(values),
    **options: Any,
) -> list[Trial]:
    """Проведи подбор: trial 0 — исходный, дальше — предложенные."""
    trials = [make_trial(0, hparams=BASE, score=score(BASE))]
    for number in range(1, n):
        values = ask(trials, space=space, seed=seed, **options)[0].values
        trials.append(make_trial(number, hparams=values, score=score(values)))
    return trials


def test_forty_trials_come_closer_to_the_best_point_than_random_search() -> None:
    def best(points: Sequence[Any]) -> float:
        return min(away(values) for values in points)

    rng = random.Random(0)
    chance = sum(best([SPACE.sample(rng) for _ in range(40)]) for _ in range(5))
    found = sum(best([t.hparams for t in search(40, seed)]) for seed in range(5))
    assert found < 0.7 * chance


def test_every_kind_of_axis_moves_to_the_good_side() -> None:
    late = [t.hparams for seed in range(4) for t in search(60, seed)[-10:]]
    assert sum(float(v["rate"]) > 3e-3 for v in late) > 0.8 * len(late)
    assert sum(float(v["units"]) > 4 for v in late) > 0.8 * len(late)
    assert sum(float(v["size"]) > 256 for v in late) > 0.6 * len(late)
    assert sum(v["act"] == "gelu" for v in late) > 0.4 * len(late)


def test_the_first_generation_surrounds_the_base_values() -> None:
    rates = [
        SPACE["rate"].to_unit(p.values["rate"]) for seed in range(20) for p in ask([], 5, seed=seed)
    ]
    assert sum(rates) / len(rates) == pytest.approx(0.5, abs=0.08)
    near, far = (
        [p.values["drop"] for seed in range(9) for p in ask([], 5, seed=seed, sigma=sigma)]
        for sigma in (0.05, 0.4)
    )
    assert max(near) - min(near) < max(far) - min(far)


def test_a_generation_is_one_stream_whatever_is_asked_at_once() -> None:
    at_once = [proposal.values for proposal in ask([], 5)]
    trials: list[Trial] = []
    for number in range(5):
        proposal = ask(trials)[0]
        assert proposal.note == f"CMA-ES generation 1, point {number + 1} of 5"
        trials.append(make_trial(number, kind="proposal", hparams=proposal.values, score=0.1))
    assert [trial.hparams for trial in trials] == at_once
    assert ask(trials)[0].note == "CMA-ES generation 2, point 1 of 5"


def test_start_up_and_control_trials_are_no_part_of_a_generation() -> None:
    trials = [make_trial(0, hparams=BASE, score=0.0)]
    trials.append(make_trial(1, kind="control", hparams=BASE, score=0.0))
    assert ask(trials)[0] == ask([])[0]


def test_a_point_put_in_place_of_the_proposal_is_not_proposed_again() -> None:
    second = ask([], 2)[1].values
    replaced = [make_trial(0, kind="proposal", hparams=second, score=0.0)]
    assert ask(replaced)[0].values != second


def test_points_that_diverged_or_failed_push_the_search_away() -> None:
    def trials(outcome: str) -> list[Trial]:
        made: list[Trial] = []
        for number in range(20):
            values = ask(made)[0].values
            bad = float(values["rate"]) > 1e-3
            made.append(
                make_trial(
                    number,
                    outcome if bad else "committed",
                    kind="proposal",
                    hparams=values,
                    score=None if bad else 0.1 * (number % 3),
                )
            )
        return made

    for outcome in (DIVERGED, FAILED):
        rates = [float(p.values["rate"]) for p in ask(trials(outcome), 20)]
        assert sum(rate <= 1e-3 for rate in rates) > 12


@pytest.mark.parametrize("score", [None, math.nan, -math.inf, math.inf, 0.0])
def test_generations_without_a_single_difference_break_nothing(score: float | None) -> None:
    trials = [make_trial(n, FAILED, kind="proposal", hparams=BASE, score=score) for n in range(30)]
    for proposal in ask(trials, 3):
        assert SPACE.violations(proposal.values) == []


def test_after_the_window_the_search_begins_anew_around_the_best_point() -> None:
    trials = search(21, seed=1, population=5, window=20)
    best = max(trials[1:], key=lambda trial: trial.score or 0.0)
    near = [p.values for p in ask(trials, 40, population=5, window=20, sigma=0.01)]
    rate = SPACE["rate"]
    assert all(rate.gap(values["rate"], best.hparams["rate"]) < 0.1 for values in near)


def test_a_small_space_is_seen_whole_before_it_repeats_from_scratch() -> None:
    space = Space({"act": SPACE["act"], "flag": Parameter("flag", "int", 0, 1)})
    trials: list[Trial] = []
    for number in range(6):
        values = ask(trials, space=space)[0].values
        trials.append(
            make_trial(number, kind="proposal", parent=None, hparams=values, score=float(number))
        )
    assert len({tuple(trial.hparams.values()) for trial in trials}) >= 5
    assert space.violations(ask(trials, space=space)[0].values) == []


def test_a_space_of_one_point_is_answered_with_that_point() -> None:
    space = Space({"x": Parameter("x", "uniform", 2.0, 2.0), "y": Parameter("y", "int", 3, 3)})
    [proposal] = ask([], space=space)
    assert proposal.values == {"x": 2.0, "y": 3}
    assert proposal.note == "the space holds a single point"


def test_a_conditional_axis_is_proposed_only_where_it_acts() -> None:
    momentum = Parameter("momentum", "uniform", 0.0, 0.9, when=(("act", ("gelu",)),))
    space = Space({"momentum": momentum, **SPACE})
    trials = search(30, seed=2, space=space)
    for trial in trials[1:]:
        assert set(trial.hparams) == set(space.active(trial.hparams))
        assert ("momentum" in trial.hparams) == (trial.hparams["act"] == "gelu")
    assert any("momentum" in trial.hparams for trial in trials)


@pytest.mark.parametrize("options", [{"population": 3}, {"sigma": 0}, {"sigma": 2}, {"window": 1}])
def test_options_out_of_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CmaesEngine.Config.model_validate(options)


def test_the_library_is_imported_by_the_first_question_and_not_by_the_plugin() -> None:
    code = (
        "import sys; from tts_framework.plugins import Plugins;"
        "Plugins().get('optimizer', 'cmaes');"
        "print(sorted({'cmaes', 'numpy', 'scipy'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], text=True, stdout=subprocess.PIPE)
    assert answer.stdout.strip() == "[]"


@pytest.mark.filterwarnings("error")
def test_it_is_quiet(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        search(20, seed=3)
    out, err = capfd.readouterr()
    assert (out, err, caplog.text) == ("", "", "")
