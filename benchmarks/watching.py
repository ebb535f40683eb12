"""Чего стоит слежение: доля ядра у тюнера, пока trial идёт, и задержка измерения до хранилища.

    python benchmarks/watching.py [--seconds 60] [--watchers tensorboard mlflow]

Тренер — модель `tiny` из тестов с паузой на шаге: 20 шагов/с, запись каждые 10 шагов. Счёт идёт с
той записи, к которой зеркало MLflow уже завело run trial: создание базы — плата за запуск.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

TESTS = Path(__file__).parent.parent / "tests"
sys.path.insert(0, str(TESTS))
STEP_SECONDS = 0.05


def main() -> None:
    from conftest import write_tiny_run
    from tts_framework import config_file, plan
    from tts_framework.events import Event, MetricsReceived, RunStarted
    from tts_framework.plugins import Plugins
    from tts_framework.smart_tuner.loop import tune
    from tts_framework.smart_tuner.mlflow_mirror import MlflowMirror

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--watchers", nargs="+", default=["tensorboard", "mlflow"])
    arguments = parser.parse_args()
    iterations = int(arguments.seconds / STEP_SECONDS) // 50 * 50
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        uses = [{"use": watcher} for watcher in arguments.watchers]
        path = write_tiny_run(
            Path(name),
            model={"sleep_seconds": STEP_SECONDS},
            tuner={"n_trials": 1, "n_startup_iters": iterations},
            watchers=uses,
            loggers=uses,
        )
        source = config_file.read(path)
        made = plan.build(
            source.settings, Plugins(), config_path=source.settings.folder / "run.yaml"
        )
        made = replace(made, config_text=config_file.dump(source))
        mirror = MlflowMirror(made.settings, made.folder)
        opened = made.folder / "checkpoints" / "trial_0000" / "mlflow_run_id"
        started: list[float] = []
        delays: list[float] = []
        marks: list[tuple[float, float]] = []

        def listen(event: Event) -> None:
            mirror.handle(event)
            if isinstance(event, MetricsReceived):
                now = time.time()
                delays.extend(now - metric.wall_time for metric in event.metrics)
                if opened.exists():
                    marks.append((now, time.process_time()))
            if isinstance(event, RunStarted):
                started.append(time.process_time())

        for event in tune(made):
            listen(event)
        mirror.close(20)
    (start, cpu), (end, cpu_end) = marks[0], marks[-2]
    table = Table(title=f"Watching one trial for {end - start:.0f} s: {arguments.watchers}")
    for column in ("what", "measured", "bound"):
        table.add_column(column)
    share = 100 * (cpu_end - cpu) / (end - start)
    table.add_row("tuner, share of one core", f"{share:.2f}%", "1%")
    table.add_row("metric in the store, median", f"{statistics.median(delays):.2f} s", "1 s")
    table.add_row("metric in the store, worst", f"{max(delays):.2f} s", "1 s")
    table.add_row("import and start, CPU", f"{started[0]:.2f} s", "-")
    Console().print(table)


if __name__ == "__main__":
    main()
