"""Модель `tiny` для тестов: SGD с моментом на зашумлённой квадратичной форме, шаг в микросекундах.

val_loss плавно падает и зависит от `learning_rate` (лучшее — порядка 1e-3), от `weight_decay`
(лучшее — порядка 5e-4) и от `dropout_decoder`; продолжение с чекпоинта точное. Остальные
options — неисправности: каждая случается, когда итерация становится равна названной.
"""

from __future__ import annotations

import json
import math
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

from tts_framework import files
from tts_framework.components import (
    Mel,
    Model,
    Options,
    Session,
    TrainingContext,
    Voice,
    tunable,
)
from tts_framework.errors import CheckpointError
from tts_framework.events import HParams
from tts_framework.hookspecs import hookimpl

CURVATURES = tuple(0.02 ** (i / 7) for i in range(8))
BIAS = 1.1
NOISE = 0.3
RATE = 50.0
DECAY = 200.0
MOMENTUM = 0.5
FLOOR = 0.1


class Tiny(Model):
    """Ищет вектор из единиц; обучающая выборка сдвинута, проверочная — нет."""

    metrics = ("val_loss", "val_distance")

    class Config(Options):
        learning_rate: float = tunable(1e-3, gt=0, description="Шаг градиентного спуска.")
        weight_decay: float = tunable(1e-6, ge=0, description="Затухание весов.")
        dropout_decoder: float = tunable(0.1, ge=0, lt=1, description="Доля выпавших градиентов.")
        sleep_seconds: float = 0.0
        nan_at: int | None = None
        oom_at: int | None = None
        crash_at: int | None = None
        exit_at: int | None = None
        kill_at: int | None = None
        hang_at: int | None = None
        ignore_sigint: bool = False
        ignore_sigterm: bool = False
        fail_to_start: bool = False
        once: Path | None = None  # файл-отметка: неисправность случится один раз за все запуски

    @classmethod
    def start(cls, config: Any, context: TrainingContext) -> Session:
        if config.fail_to_start:
            raise RuntimeError("tiny was told to fail at the start")
        return TinySession(config, context)

    @classmethod
    def voice(cls, checkpoint: Path, device: str = "cpu") -> Voice:
        return TinyVoice(_read(checkpoint)["state_dict"])


class TinySession(Session):
    def __init__(self, config: Any, context: TrainingContext) -> None:
        self.config = config
        self.batch_size = context.batch_size
        self.rng = random.Random(context.seed)
        self.weights = [0.05 * self.rng.gauss(0, 1) for _ in CURVATURES]
        self.velocity = [0.0] * len(CURVATURES)
        self.sums = [0.0, 0.0, 0.0]

    def step(self) -> None:
        self._misbehave()
        config, noise = self.config, NOISE / math.sqrt(self.batch_size)
        keep, norm = 1.0 - config.dropout_decoder, 0.0
        for i, curvature in enumerate(CURVATURES):
            gradient = curvature * (self.weights[i] - BIAS)
            gradient += math.sqrt(curvature) * noise * self.rng.gauss(0, 1)
            gradient += DECAY * config.weight_decay * curvature * self.weights[i]
            gradient *= (self.rng.random() < keep) / keep
            norm += gradient * gradient
            self.velocity[i] = MOMENTUM * self.velocity[i] + (1 - MOMENTUM) * gradient
            self.weights[i] -= RATE * config.learning_rate * self.velocity[i]
        self.iteration += 1
        loss = _loss(self.weights, BIAS)
        self.sums = [self.sums[0] + loss, self.sums[1] + math.sqrt(norm), self.sums[2] + 1]

    def progress(self) -> dict[str, float]:
        loss, norm, steps = self.sums
        self.sums = [0.0, 0.0, 0.0]
        return {
            "training.loss": loss / max(1.0, steps),
            "grad.norm": norm / max(1.0, steps),
            "learning.rate": self.config.learning_rate,
        }

    def evaluate(self) -> dict[str, float]:
        distance = math.dist(self.weights, [1.0] * len(self.weights))
        return {"val_loss": _loss(self.weights, 1.0), "val_distance": distance}

    def save(self, path: Path) -> None:
        state = {
            "iteration": self.iteration,
            "state_dict": {"weights": self.weights},
            "optimizer": {"velocity": self.velocity},
            "learning_rate": self.config.learning_rate,
            "rng": self.rng.getstate(),
            "sums": self.sums,
        }
        files.write_text(path, json.dumps(state))

    def load(self, path: Path, *, warm_start: bool = False) -> None:
        state = _read(path)
        self.weights = state["state_dict"]["weights"]
        if warm_start:
            return
        self.iteration = state["iteration"]
        self.velocity = state["optimizer"]["velocity"]
        version, internal, gauss = state["rng"]
        self.rng.setstate((version, tuple(internal), gauss))
        self.sums = state["sums"]

    def apply(self, hparams: HParams) -> None:
        values = dict(hparams)
        self.batch_size = int(values.pop("batch_size", self.batch_size))
        self.config = type(self.config)(**{**self.config.model_dump(), **values})

    def close(self) -> None:
        pass

    def _misbehave(self) -> None:
        config, now = self.config, self.iteration + 1
        if config.ignore_sigint:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        if config.ignore_sigterm:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if config.sleep_seconds:
            time.sleep(config.sleep_seconds)
        faults = (config.nan_at, config.oom_at, config.crash_at, config.exit_at, config.kill_at)
        if now not in (*faults, config.hang_at) or not self._first_time():
            return
        if now == config.nan_at:
            self.weights[0] = math.nan
        if now == config.oom_at:
            raise MemoryError
        if now == config.crash_at:
            raise RuntimeError(f"tiny was told to crash at iteration {now}")
        if now == config.exit_at:
            os._exit(7)
        if now == config.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        while now == config.hang_at:
            time.sleep(0.05)

    def _first_time(self) -> bool:
        if self.config.once is None:
            return True
        try:
            self.config.once.touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


class TinyVoice(Voice):
    def __init__(self, state: dict[str, list[float]]) -> None:
        self.level = sum(state["weights"]) / len(state["weights"])

    def __call__(self, source: str, *, seed: int = 0) -> Mel:
        import numpy as np

        from tts_framework.options import AudioSettings

        return Mel(np.full((80, 4 * len(source)), self.level - 6, np.float32), AudioSettings())


def _loss(weights: list[float], target: float) -> float:
    away = [w - target for w in weights]  # d * d, а не d ** 2: переполнение даёт inf, не ошибку
    excess = sum(c * d * d for c, d in zip(CURVATURES, away, strict=True))
    return FLOOR + 0.5 * excess


def _read(path: Path) -> dict[str, Any]:
    try:
        state = json.loads(path.read_text())
        assert {"iteration", "state_dict", "optimizer", "learning_rate"} <= state.keys()
    except (OSError, ValueError, AttributeError, AssertionError) as error:
        raise CheckpointError(
            f"{path}: not a complete tiny checkpoint ({type(error).__name__}); choose another one"
        ) from error
    return state


@hookimpl
def ttsf_model() -> type[Model]:
    return Tiny
