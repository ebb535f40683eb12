"""Сверка после перезапуска: тот ли шаг пришёл первым и те ли значения действуют."""

from __future__ import annotations

import math
from collections.abc import Iterable

from tts_framework.events import HParams, Metric

_FLOAT32 = 1e-4
"""TensorBoard хранит float32: относительная разница меньше этой — погрешность записи."""
LOSS, RATE = ("training.loss", "train_loss"), ("learning.rate", "learning_rate")
"""Канонические имена: так пишет `ttsf train`, а чужую программу переводит `trainer.metrics`."""


class Verification:
    """Копит первые измерения одного запуска тренера, пока не сможет вынести решение."""

    def __init__(self, from_iteration: int, interval: int, hparams: HParams) -> None:
        self._from = from_iteration
        self._interval = interval
        asked = hparams.get("learning_rate")
        self._asked = float(asked) if isinstance(asked, int | float) else None
        self.checks: dict[str, str] = {}
        self.problems: list[str] = []
        self.restarted_from_zero = False
        self._on_the_edge = False

    def feed(self, metrics: Iterable[Metric]) -> bool:
        """Учти измерения; верни True один раз — когда сверка закончена."""
        done = self.done
        for metric in metrics:
            if metric.tag in LOSS and "step" not in self.checks:
                self._check_step(metric.step)
            if metric.tag in RATE and "learning_rate" not in self.checks:
                self._check_rate(metric.value)
        return self.done and not done

    @property
    def done(self) -> bool:
        """Скажи, сверено ли всё, что можно сверить."""
        return "step" in self.checks and (self._asked is None or "learning_rate" in self.checks)

    def unverified(self) -> list[str]:
        """Назови то, чего тренер так и не показал."""
        missing = []
        if "step" not in self.checks:
            missing.append(
                "first step (no training.loss was logged; name its tag in trainer.metrics)"
            )
        if self._asked is not None and "learning_rate" not in self.checks:
            missing.append(
                "learning rate (no learning.rate was logged; name its tag in trainer.metrics)"
            )
        return missing

    def _check_step(self, step: int) -> None:
        """Сверь первый шаг; шаг, равный родителю, пишет и считающий с нуля, и забывший всё.

        Их различает второй шаг: продолжение пишет чаще, чем раз в `from` итераций.
        """
        if step == self._from > 0 and not self._on_the_edge:
            self._on_the_edge = True
            return
        last = self._from + 2 * self._interval
        self.checks["step"] = f"{self._from if self._on_the_edge else step} after {self._from}"
        if step < self._from or (self._on_the_edge and step >= 2 * self._from):
            self.restarted_from_zero = True
            self.problems.append(
                f"first step is {min(step, self._from)}, not after iteration {self._from}:"
                " the trainer did not continue from the checkpoint"
            )
        elif step > last:
            self.problems.append(f"first step is {step}, expected at most {last}")

    def _check_rate(self, value: float) -> None:
        self.checks["learning_rate"] = f"{value:g}"
        if self._asked is not None and not math.isclose(value, self._asked, rel_tol=_FLOAT32):
            self.problems.append(
                f"learning rate in effect is {value:g}, asked for {self._asked:g}:"
                " the trainer ignores the override"
            )
