"""Быстрый гауссовский процесс: те же числа, что у Optuna, и верные градиенты."""

from __future__ import annotations

import random

import numpy as np
import optuna
import pytest
import torch
from optuna._gp import acqf, gp, prior
from optuna._gp.search_space import SearchSpace
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import GPSampler

from ttsf_optuna_engine.gaussian import MINIMUM_NOISE, Gaussian, Kernel, standardized
from ttsf_optuna_engine.process import Improvement, QuickGP

SPACE = {
    "rate": FloatDistribution(1e-5, 1e-1, log=True),
    "dropout": FloatDistribution(0.0, 1.0),
    "units": IntDistribution(1, 40),
    "act": CategoricalDistribution(("relu", "gelu", "tanh")),
}
CATEGORICAL = np.array([False, False, False, True])


def observed(size: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Случайные точки куба и оценки, у которых есть что подогнать."""
    rng = np.random.default_rng(seed)
    x = rng.random((size, 4))
    x[:, 3] = rng.integers(0, 3, size)
    y = np.sin(5 * x[:, 0]) + x[:, 1] ** 2 + 0.3 * (x[:, 3] == 1) + 0.05 * rng.normal(size=size)
    return x, standardized(y)


@pytest.fixture(scope="module")
def process() -> Gaussian:
    return Gaussian(*observed(40), CATEGORICAL)


def optunas(process: Gaussian) -> gp.GPRegressor:
    """Процесс Optuna с тем же ядром над теми же точками."""
    x, y = observed(40)
    kernel = process.kernel
    values = (x, y, kernel.weights, np.array(kernel.scale), np.array(kernel.noise))
    made = gp.GPRegressor(torch.from_numpy(CATEGORICAL), *map(torch.from_numpy, values))
    made._cache_matrix()
    return made


@pytest.mark.parametrize(("size", "seed"), [(4, 1), (15, 2), (60, 3)])
def test_the_kernel_is_the_one_that_optuna_fits(size: int, seed: int) -> None:
    x, y = observed(size, seed)
    expected = gp.fit_kernel_params(
        x, y, CATEGORICAL, prior.default_log_prior, prior.DEFAULT_MINIMUM_NOISE_VAR, False
    )
    kernel = Gaussian(x, y, CATEGORICAL).kernel
    assert kernel.weights == pytest.approx(expected.inverse_squared_lengthscales.numpy(), rel=1e-4)
    assert kernel.scale == pytest.approx(expected.kernel_scale.item(), rel=1e-4)
    assert kernel.noise == pytest.approx(expected.noise_var.item(), rel=1e-4)
    assert MINIMUM_NOISE == prior.DEFAULT_MINIMUM_NOISE_VAR


def test_the_gradient_of_the_misfit_agrees_with_finite_differences(process: Gaussian) -> None:
    rng = np.random.default_rng(4)
    for _ in range(3):
        place, step = rng.normal(size=6) / 2, 1e-6
        numeric = [
            (process.misfit(place + side)[0] - process.misfit(place - side)[0]) / (2 * step)
            for side in step * np.eye(6)
        ]
        assert process.misfit(place)[1] == pytest.approx(np.array(numeric), rel=1e-5, abs=1e-5)


def test_improvement_and_its_gradient_are_those_of_optuna(process: Gaussian) -> None:
    points, best = observed(200, seed=5)[0], 1.5
    theirs = acqf.LogEI(optunas(process), SearchSpace(SPACE), best)
    place = torch.from_numpy(points).requires_grad_(True)
    expected = theirs.eval_acqf(place)
    expected.sum().backward()
    assert process.log_improvement(points, best) == pytest.approx(expected.detach().numpy())
    values, gradient = process.rising_improvement(points, best)
    assert np.array_equal(values, process.log_improvement(points, best))
    assert not gradient[:, 3].any()  # по категории не спускаются
    assert place.grad is not None
    slopes = place.grad.numpy()[:, :3]
    near = np.isfinite(slopes).all(1)  # далеко слева Optuna 5.0 теряет градиент
    assert near.sum() > 50
    assert gradient[near, :3] == pytest.approx(slopes[near], rel=1e-5, abs=1e-6)


def test_the_slope_of_improvement_agrees_with_finite_differences(process: Gaussian) -> None:
    points, step = observed(100, seed=8)[0], 1e-6
    gradient = process.rising_improvement(points, 1.5)[1]
    for axis in range(3):
        side = step * np.eye(4)[axis]
        up, down = (process.log_improvement(points + sign * side, 1.5) for sign in (1, -1))
        assert gradient[:, axis] == pytest.approx((up - down) / (2 * step), rel=1e-3, abs=1e-2)


def test_hopeless_points_still_have_a_slope(process: Gaussian) -> None:
    x, y = observed(40)
    kernel = Kernel(process.kernel.weights, process.kernel.scale, MINIMUM_NOISE)
    certain = Gaussian(x, y, CATEGORICAL, kernel)
    for best in (10.0, 1e3, 1e9):
        values, gradient = certain.rising_improvement(x[:5], best)
        assert np.isfinite(values).all() and np.isfinite(gradient).all()
        assert (values < -100).all()


def test_gradients_reach_torch(process: Gaussian) -> None:
    improvement = Improvement(process, SearchSpace(SPACE), 0.5)
    points = observed(6, seed=7)[0]
    place = torch.from_numpy(points).requires_grad_(True)
    (-improvement.eval_acqf(place)).sum().backward()
    assert place.grad is not None
    assert np.array_equal(-place.grad.numpy(), process.rising_improvement(points, 0.5)[1])


def test_equal_points_with_equal_scores_are_no_obstacle() -> None:
    x = np.tile(observed(1)[0], (8, 1))
    kernel = Gaussian(x, np.zeros(8), CATEGORICAL).kernel
    assert np.isfinite(kernel.weights).all() and kernel.noise >= MINIMUM_NOISE


def answer(sampler: GPSampler, size: int, waiting: int = 0) -> list[dict[str, object]]:
    study, rng = optuna.create_study(direction="maximize", sampler=sampler), random.Random(size)
    for number in range(size):
        params = {
            "rate": 10 ** rng.uniform(-5, -1),
            "dropout": rng.random(),
            "units": rng.randint(1, 40),
            "act": rng.choice(("relu", "gelu", "tanh")),
        }
        score = -((float(params["dropout"]) - 0.3) ** 2) + 0.01 * int(params["units"])
        study.add_trial(
            optuna.trial.create_trial(params=params, distributions=SPACE, value=score + number % 3)
        )
    return [study.ask(SPACE).params for _ in range(waiting + 1)]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("size", [5, 30])
def test_the_answer_is_that_of_the_sampler_of_optuna(seed: int, size: int) -> None:
    options = {"seed": seed, "n_startup_trials": 4, "warn_independent_sampling": False}
    [ours], [theirs] = answer(QuickGP(**options), size), answer(GPSampler(**options), size)
    assert (ours["units"], ours["act"]) == (theirs["units"], theirs["act"])
    assert ours["rate"] == pytest.approx(theirs["rate"], rel=1e-3)
    assert ours["dropout"] == pytest.approx(theirs["dropout"], abs=1e-4)


def test_a_neighbour_that_is_still_training_is_taken_into_account() -> None:
    options = {"seed": 1, "n_startup_trials": 4, "warn_independent_sampling": False}
    first, second = answer(QuickGP(**options), 12, waiting=1)
    assert first != second
    assert second == answer(QuickGP(**options), 12, waiting=1)[1]
