"""Стратегии на симулированных тренерах: тот же цикл и то же хранилище, секунды вместо часов."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from tts_framework.events import RolledBack, TrialFinished, TrialStarted
from tts_framework.testing.simulated import AXIS, Deceptive, NoisyQuadratic
from tts_framework.testing.simulated_loop import Result, tune_simulated


def quadratic(folder: Path, optimizer: str, seed: int = 0, **tuner: object) -> Result:
    return tune_simulated(NoisyQuadratic(seed), optimizer, folder, seed=seed, **tuner)


def test_keeping_the_values_is_the_constant_baseline(tmp_path: Path) -> None:
    run = tune_simulated(Deceptive(), "keep", tmp_path)
    assert run.final == pytest.approx(0.955, abs=5e-4)
    assert run.spent == run.on_lineage == Deceptive.segments


@pytest.mark.parametrize("optimizer", ["random", "optuna"])
def test_tuning_beats_the_start_it_was_given_on_both_tasks(tmp_path: Path, optimizer: str) -> None:
    assert tune_simulated(Deceptive(), optimizer, tmp_path).final > 0.955
    finals = [quadratic(tmp_path, optimizer, seed).final for seed in range(3)]
    kept = [quadratic(tmp_path / "keep", "keep", seed).final for seed in range(3)]
    assert statistics.median(finals) < 0.8 * statistics.median(kept)


def test_a_schedule_run_through_the_loop_is_still_the_schedule(tmp_path: Path) -> None:
    assert tune_simulated(Deceptive(), "cosine", tmp_path).final > 1.17
    assert quadratic(tmp_path, "wsd").final < 0.004


def test_what_a_rollback_costs_is_counted_against_the_budget(tmp_path: Path) -> None:
    run = quadratic(tmp_path, "random", seed=3, rollback_z=0.5)
    back = [event for event in run.events if isinstance(event, RolledBack)]
    assert back
    assert run.on_lineage == run.spent - 5 * len(back)
    assert run.spent == NoisyQuadratic.segments


def test_a_rolled_back_value_is_not_tried_again_at_once(tmp_path: Path) -> None:
    run = quadratic(tmp_path, "optuna", seed=3, rollback_z=0.5)
    started = {e.trial: e for e in run.events if isinstance(e, TrialStarted)}
    for event in run.events:
        following = started.get(event.trial + 1) if isinstance(event, RolledBack) else None
        if following is not None and following.kind == "proposal":
            assert isinstance(event, RolledBack)
            assert following.hparams[AXIS] != started[event.trial].hparams[AXIS]


def test_unchanged_values_score_near_zero_on_average(tmp_path: Path) -> None:
    run = quadratic(tmp_path, "keep", seed=1)
    scores = [e.score for e in run.events if isinstance(e, TrialFinished) and e.score is not None]
    assert abs(statistics.mean(scores)) < 1.0


def test_from_scratch_the_best_constant_is_found(tmp_path: Path) -> None:
    run = quadratic(
        tmp_path, "random", seed=0, resume_from_checkpoint=False, n_trials=8, segments_per_trial=12
    )
    values = [e.value for e in run.events if isinstance(e, TrialFinished) and e.value is not None]
    committed = [
        e.value for e in run.events if isinstance(e, TrialFinished) and e.outcome == "committed"
    ]
    assert committed[-1] == min(values)
