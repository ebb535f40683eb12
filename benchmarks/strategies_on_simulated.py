"""Стратегия continue на симулированных тренерах: во что обходится жадность и чего стоит откат.

python benchmarks/strategies_on_simulated.py [--seeds 10]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tts_framework.events import TrialFinished
from tts_framework.testing.simulated import Deceptive, NoisyQuadratic, SimulatedTrainer
from tts_framework.testing.simulated_loop import Result, tune_simulated

OPTIMIZERS = ("keep", "random", "optuna", "cosine", "wsd", "plateau")


def result(trainer: SimulatedTrainer, optimizer: str, seed: int) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        return tune_simulated(trainer, optimizer, Path(folder), seed=seed)


def rolled_back(run: Result) -> int:
    finished = [event for event in run.events if isinstance(event, TrialFinished)]
    return sum(event.outcome == "rolled_back" for event in finished)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    seeds = range(parser.parse_args().seeds)
    table = Table(title=f"Strategy continue, 1x compute, median of {len(seeds)} seeds")
    for column in ("optimizer", "deceptive (max 1.198)", "rolled back", "quadratic", "rolled"):
        table.add_column(column)
    for name in OPTIMIZERS:
        deceptive = [result(Deceptive(), name, seed) for seed in seeds]
        quadratic = [result(NoisyQuadratic(seed), name, seed) for seed in seeds]
        table.add_row(
            name,
            f"{statistics.median(run.final for run in deceptive):.3f}",
            f"{statistics.median(map(rolled_back, deceptive)):g} of 10",
            f"{statistics.median(run.final for run in quadratic):.4f}",
            f"{statistics.median(map(rolled_back, quadratic)):g} of 20",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
