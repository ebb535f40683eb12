"""Настоящая программа обучения на миллисекунды: `python -m tts_framework.testing.trainer`.

Минимизирует зашумлённую квадратичную форму и выполняет контракт тренера целиком: продолжает с
чекпоинта точно, по SIGINT дописывает чекпоинт, ведёт журнал TensorBoard с непрерывными шагами.
Действуют `learning_rate`, `momentum`, `batch_size` и `method` (`sgd` или `nesterov`).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import signal
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tts_framework import files
from tts_framework.checkpoints import newest
from tts_framework.components import LogTarget
from tts_framework.errors import ExitCode

EVERY = 20
"""Итераций между чекпоинтами; столько же — `trainer.iters_per_checkpoint` в run.yaml."""
LOG_EVERY = 10
_CURVATURES = (1.0, 0.3, 0.1, 0.03)


@dataclass
class HParams:
    """Гиперпараметры; неизвестное имя — ошибка."""

    learning_rate: float = 0.01
    momentum: float = 0.5
    batch_size: int = 8
    method: str = "sgd"

    @classmethod
    def parse(cls, text: str) -> HParams:
        """Разбери `learning_rate=0.1,batch_size=4`."""
        types: dict[str, Any] = {name: type(value) for name, value in asdict(cls()).items()}
        values: dict[str, Any] = {}
        for pair in filter(None, text.split(",")):
            name, _, value = pair.partition("=")
            if name not in types:
                raise SystemExit(f"error: --hparams {name}: known are {', '.join(types)}")
            values[name] = types[name](value)
        return cls(**values)


@dataclass
class State:
    """Всё, что нужно для точного продолжения."""

    iteration: int = 0
    weights: list[float] = field(default_factory=lambda: [2.0] * len(_CURVATURES))
    velocity: list[float] = field(default_factory=lambda: [0.0] * len(_CURVATURES))

    def step(self, hparams: HParams) -> float:
        """Сделай шаг; верни потери до него. Шум зависит только от номера шага."""
        noise = random.Random(self.iteration)
        loss = self.loss()
        for i, curvature in enumerate(_CURVATURES):
            ahead = hparams.momentum * self.velocity[i] if hparams.method == "nesterov" else 0.0
            gradient = curvature * (self.weights[i] + ahead - 1.0)
            gradient += 0.3 * math.sqrt(curvature / hparams.batch_size) * noise.gauss(0, 1)
            rate = hparams.learning_rate
            self.velocity[i] = hparams.momentum * self.velocity[i] - rate * gradient
            self.weights[i] += self.velocity[i]
        self.iteration += 1
        return loss

    def loss(self) -> float:
        """Верни потери без шума."""
        return 0.05 + sum(c * (w - 1.0) ** 2 for c, w in zip(_CURVATURES, self.weights))

    def save(self, folder: Path) -> None:
        """Запиши чекпоинт атомарно."""
        files.write_text(folder / f"checkpoint_{self.iteration}", json.dumps(asdict(self)))


def main() -> int:
    """Учи до `--until_iteration` или до сигнала."""
    from tts_framework.training.tensorboard_logger import EventLog

    stopped: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, frame: stopped.append(received))
    options, state = _options(), State()
    source = options.checkpoint_path or newest(options.output_directory)
    if source is not None:
        state = State(**json.loads(source.read_text()))
    hparams = HParams.parse(options.hparams)
    suffix = f".trial_{os.environ['TTSF_TRIAL']}" if "TTSF_TRIAL" in os.environ else ""
    out = options.output_directory
    logs = out / options.log_directory  # как в эталоне: папка журналов лежит внутри папки вывода
    log = EventLog(LogTarget("run", out, logs, suffix, state.iteration))
    while state.iteration < options.until_iteration and not stopped:
        loss = state.step(hparams)
        if state.iteration % LOG_EVERY == 0:
            values = {"training.loss": loss, "learning.rate": hparams.learning_rate}
            log.scalars(state.iteration, values)
        if state.iteration % EVERY == 0:
            log.scalars(state.iteration, {"validation.loss": state.loss()})
            state.save(options.output_directory)
    if stopped:
        state.save(options.output_directory)
    log.close()
    return ExitCode.INTERRUPTED if stopped else ExitCode.OK


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tts_framework.testing.trainer")
    parser.add_argument("-o", "--output_directory", type=Path, required=True)
    parser.add_argument("-l", "--log_directory", type=Path, default="logs")
    parser.add_argument("-c", "--checkpoint_path", type=Path)
    parser.add_argument("--hparams", default="")
    parser.add_argument("--until_iteration", type=int, default=10 * EVERY)
    options = parser.parse_args()
    options.output_directory.mkdir(parents=True, exist_ok=True)
    return options


if __name__ == "__main__":
    raise SystemExit(main())
