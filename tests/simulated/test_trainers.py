"""Симулированные тренеры воспроизводят известные опорные числа (reference/tuning.md, раздел 3)."""

from __future__ import annotations

import statistics
from collections.abc import Callable

import numpy as np
import pytest

from tts_framework.testing.simulated import Deceptive, NoisyQuadratic, SimulatedTrainer

SEEDS = range(10)


def final(trainer: SimulatedTrainer, value_at: Callable[[float], float]) -> float:
    """Проведи обучение, выбирая значение по доле истраченного бюджета."""
    while not trainer.done:
        trainer.run(value_at(trainer.segment / trainer.segments))
    return trainer.final


def median(value_at: Callable[[float], float]) -> float:
    return statistics.median(final(NoisyQuadratic(seed), value_at) for seed in SEEDS)


@pytest.mark.parametrize(("value", "known"), [(0.5, 0.988), (1.0, 0.955), (0.0, 0.827)])
def test_deceptive_with_a_constant_value(value: float, known: float) -> None:
    assert final(Deceptive(), lambda progress: value) == pytest.approx(known, abs=5e-4)


def test_deceptive_has_its_optimum_at_a_linear_fall() -> None:
    assert final(Deceptive(), lambda progress: 1 - progress) == pytest.approx(1.198, abs=5e-4)


def test_deceptive_rewards_greed_at_once_and_punishes_it_later() -> None:
    greedy, patient = Deceptive(), Deceptive()
    assert greedy.run(0.0) >= patient.run(1.0)
    assert final(greedy, lambda progress: 0.0) < final(patient, lambda progress: 1 - progress)


def test_noisy_quadratic_with_the_best_constant() -> None:
    finals = [median(lambda progress, v=v: v) for v in (0.15, 0.18, 0.21)]
    assert min(finals) == pytest.approx(0.0119, rel=0.05)


def test_noisy_quadratic_with_the_best_cosine() -> None:
    value = median(lambda progress: 1.6 * (1 + np.cos(np.pi * progress)) / 2)
    assert value == pytest.approx(0.0012, rel=0.1)


def test_noisy_quadratic_with_a_late_decay_from_a_plateau() -> None:
    value = median(lambda progress: 1.2 * min(1.0, 0.001 ** ((progress - 0.6) / 0.4)))
    assert value == pytest.approx(0.0011, rel=0.15)


def test_noisy_quadratic_punishes_perfect_greed_more_than_a_constant() -> None:
    def greedy(seed: int) -> float:
        trainer = NoisyQuadratic(seed)
        while not trainer.done:
            trainer.run(min(np.geomspace(1e-4, 1.6, 15), key=lambda v: peek(trainer, float(v))))
        return trainer.final

    def peek(trainer: NoisyQuadratic, value: float) -> float:
        branch = trainer.fork()
        branch.run(value)
        return branch.final

    assert statistics.median(greedy(seed) for seed in range(5)) == pytest.approx(0.0315, rel=0.05)


@pytest.mark.parametrize("trainer", [Deceptive(), NoisyQuadratic(3)])
def test_a_fork_is_independent_and_sees_the_same_noise(trainer: SimulatedTrainer) -> None:
    trainer.run(0.3)
    one, other = trainer.fork(), trainer.fork()
    assert one.run(0.2) == other.run(0.2)
    other.run(0.9)
    assert (trainer.segment, one.segment, other.segment) == (1, 2, 3)
    assert one.run(0.2) != other.run(0.2)


def test_seeds_differ_and_repeat() -> None:
    def run(seed: int) -> float:
        return NoisyQuadratic(seed).run(0.1)

    assert run(1) == run(1) != run(2)


def test_evaluations_carry_two_percent_of_noise() -> None:
    ratios = []
    for seed in range(200):
        trainer = NoisyQuadratic(seed)
        ratios.append(trainer.run(0.1) / trainer.final)
    assert statistics.stdev(ratios) == pytest.approx(0.02, rel=0.2)
