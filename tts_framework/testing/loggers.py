"""Контракт журнала обучения."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from tts_framework.components import Logger, LogTarget, Picture, Sound
from tts_framework.testing.contract import Contract
from tts_framework.testing.demand import demand


class LoggerContract(Contract):
    """Принимает всё, не задерживает шаг дольше `step_seconds`, закрывается дважды."""

    kind: ClassVar[str] = "logger"
    environment: ClassVar[dict[str, str]] = {}
    step_seconds: ClassVar[float] = 0.02

    @pytest.fixture
    def target(self, tmp_path: Path) -> LogTarget:
        """Куда писать: папка, которой ещё нет."""
        folder = tmp_path / "run"
        return LogTarget("run", folder, folder / "tb", ".trial_0001", 100, self.environment)

    @pytest.fixture
    def logger(self, cls: type[Any], config: Any, target: LogTarget) -> Iterator[Logger]:
        """Журнал с проверяемыми options."""
        made: Logger = cls(config, target)
        yield made
        made.close()

    def test_everything_a_training_writes_is_taken(self, logger: Logger) -> None:
        logger.params({"model": "tiny", "learning_rate": 1e-3, "batch_size": 16, "flag": True})
        for step in (110, 120):
            logger.scalars(step, {"training.loss": 1 / step, "val_loss": float("nan")})
        logger.picture(120, Picture("alignment", np.zeros((4, 6, 3), np.uint8)))
        logger.sound(120, Sound("sample", np.zeros(800, np.float32), 8000))
        logger.flush()
        logger.finished("finished")
        logger.close()

    def test_a_step_is_not_delayed(self, logger: Logger) -> None:
        logger.scalars(101, {"training.loss": 1.0})
        began = time.perf_counter()
        for step in range(102, 152):
            logger.scalars(step, {"training.loss": 1.0, "grad.norm": 0.5})
        spent = (time.perf_counter() - began) / 50
        demand(
            spent < self.step_seconds,
            f"scalars take {1000 * spent:.1f} ms",
            "write in a background thread",
        )

    def test_closing_twice_is_harmless(self, logger: Logger) -> None:
        logger.close()
        logger.close()
