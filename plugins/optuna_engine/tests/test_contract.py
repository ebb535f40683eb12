"""optuna выполняет контракт оптимизатора."""

from __future__ import annotations

from tts_framework.testing.optimizers import OptimizerContract


class TestOptuna(OptimizerContract):
    plugin = "optuna"


class TestOptunaMedian(OptimizerContract):
    plugin = "optuna"
    options = {"pruner": "median", "n_startup_trials": 2, "window": 10}


class TestOptunaCmaes(OptimizerContract):
    plugin = "optuna"
    options = {"sampler": "cmaes", "n_startup_trials": 2, "pruner": "none"}


class TestOptunaNsga2(OptimizerContract):
    plugin = "optuna"
    options = {"sampler": "nsga2", "n_startup_trials": 2, "pruner": "none"}


class TestOptunaRandom(OptimizerContract):
    plugin = "optuna"
    options = {"sampler": "random", "n_startup_trials": 2, "pruner": "none"}


class TestOptunaQmc(OptimizerContract):
    plugin = "optuna"
    options = {"sampler": "qmc", "n_startup_trials": 2, "pruner": "none"}
