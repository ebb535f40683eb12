"""cmaes выполняет контракт оптимизатора."""

from __future__ import annotations

from tts_framework.testing.optimizers import OptimizerContract


class TestCmaes(OptimizerContract):
    plugin = "cmaes"


class TestCmaesOptions(OptimizerContract):
    plugin = "cmaes"
    options = {"population": 5, "sigma": 0.5, "window": 20}
