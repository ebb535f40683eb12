"""optuna выполняет контракт оптимизатора."""

from __future__ import annotations

from tts_framework.testing.optimizers import OptimizerContract


class TestOptuna(OptimizerContract):
    plugin = "optuna"


class TestOptunaMedian(OptimizerContract):
    plugin = "optuna"
    options = {"pruner": "median", "n_startup_trials": 2, "window": 10}
