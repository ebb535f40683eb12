"""Встроенные оптимизаторы на симулированных тренерах: расписания лучше, чем ничего не делать."""

from __future__ import annotations

import statistics
from typing import Any

import pytest

from tts_framework.plugins import Plugins
from tts_framework.testing.simulated import (
    AXIS,
    Deceptive,
    NoisyQuadratic,
    SimulatedTrainer,
    space_of,
    train,
)
from tts_framework.trials import Trial


def trials(
    trainer: SimulatedTrainer, name: str, seed: int = 0, **options: Any
) -> tuple[Trial, ...]:
    cls = Plugins().get("optimizer", name)
    return train(trainer, cls(cls.Config(**options), space_of(trainer)), seed)


def median(name: str, **options: Any) -> float:
    finals = []
    for seed in range(5):
        trainer = NoisyQuadratic(seed)
        trials(trainer, name, seed, **options)
        finals.append(trainer.final)
    return statistics.median(finals)


def deceptive(name: str, **options: Any) -> float:
    trainer = Deceptive()
    trials(trainer, name, **options)
    return trainer.final


def test_keep_is_the_constant_baseline() -> None:
    assert deceptive("keep") == pytest.approx(0.955, abs=5e-4)
    assert {t.hparams[AXIS] for t in trials(Deceptive(), "keep")} == {1.0}


@pytest.mark.parametrize("name", ["cosine", "wsd", "plateau"])
def test_schedules_end_far_below_a_constant_on_the_noisy_quadratic(name: str) -> None:
    assert median(name) < 0.5 * median("keep")


def test_cosine_nears_the_optimum_of_the_deceptive_task() -> None:
    assert deceptive("cosine") > 1.18


def test_a_higher_peak_brings_the_schedules_to_their_known_values() -> None:
    assert median("cosine", peak=1.6) == pytest.approx(0.0012, rel=0.15)
    assert median("wsd", peak=1.2, decay=0.4, final=1e-3) == pytest.approx(0.0011, rel=0.2)


def test_plateau_lands_in_its_known_range() -> None:
    assert 0.0016 < median("plateau", patience=4) < 0.011


def test_training_reports_every_segment() -> None:
    done = trials(Deceptive(), "random")
    assert len(done) == Deceptive.segments
    assert all(1e-4 <= float(t.hparams[AXIS]) <= 1.1 for t in done)
    assert [t.parent for t in done[:3]] == [None, 0, 1]
