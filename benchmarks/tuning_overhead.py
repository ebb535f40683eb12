"""Сколько времени сверх самого обучения стоит подстройка, и из чего это время складывается.

    python benchmarks/tuning_overhead.py --data data/ru_nsh --trial-iters 200 [--trials 3]

Одно и то же обучение идёт дважды *одновременно*, по потоку на каждое: `ttsf train` без остановок и
`ttsf tune` с оптимизатором keep, который останавливает и перезапускает тренер после каждого trial.
Поэтому чужая нагрузка достаётся обоим поровну.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from ruamel.yaml import YAML

from tts_framework import config_file, plan
from tts_framework.events import Event, MetricsReceived, TrainerExited, TrainerLaunched
from tts_framework.plugins import Plugins
from tts_framework.smart_tuner.loop import tune
from tts_framework.smart_tuner.mlflow_mirror import MlflowMirror


def settings(arguments: argparse.Namespace, run: str) -> dict[str, Any]:
    corpus = Path(arguments.data).resolve()
    return {
        "run": run,
        "data": {
            "train": str(corpus / "train.csv"),
            "validation": str(corpus / "validation.csv"),
            "audio": {"sampling_rate": 16000},
            "frontend": "russian_letters",
        },
        "model": {"use": "tacotron2", "preset": arguments.preset, "reduction_factor": 3},
        "trainer": {
            "batch_size": 16,
            "iters_per_checkpoint": arguments.trial_iters,
            "log_interval": 10,
            "max_iterations": arguments.trial_iters * arguments.trials,
            "device": "cpu",
            "threads": 1,
        },
        "tuner": {
            "search_algorithm": "keep",
            "n_trials": arguments.trials,
            "n_startup_iters": arguments.trial_iters,
            "search_space": {"learning_rate": {"type": "loguniform", "low": 1e-4, "high": 1e-2}},
        },
        "early_stop": {"patience": None},
    }


def bare(path: Path) -> float:
    """Обучи без тюнера в отдельной папке и верни секунды."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "tts_framework", "train", "--config", str(path)]
    quiet = subprocess.DEVNULL
    subprocess.run(command, check=True, stdout=quiet, stderr=quiet, cwd=path.parent)
    return time.perf_counter() - started


def tuned(path: Path) -> tuple[float, list[tuple[float, Event]]]:
    """Верни секунды и события с моментами их прихода."""
    started = time.perf_counter()
    source = config_file.read(path)
    made = plan.build(source.settings, Plugins(), config_path=source.settings.folder / "run.yaml")
    made = replace(made, config_text=config_file.dump(source))
    mirror = MlflowMirror(made.settings, made.folder)
    seen = []
    for event in tune(made):
        mirror.handle(event)
        seen.append((time.time(), event))
    mirror.close(20)
    return time.perf_counter() - started, seen


def parts(seen: list[tuple[float, Event]], interval: int) -> dict[str, list[float]]:
    """Разложи стыки trial-ов: конец тренера, решение, запуск до конца первого шага."""
    found: dict[str, list[float]] = {"exit": [], "decision": [], "start": []}
    exited = launched = last_step = None
    for at, event in seen:
        if isinstance(event, MetricsReceived):
            values = {metric.tag: metric for metric in event.metrics}
            loss, duration = values.get("training.loss"), values.get("duration")
            if loss is not None:
                last_step = loss.wall_time
            if launched is not None and loss is not None and duration is not None:
                first = loss.wall_time - (interval - 1) * duration.value
                found["start"].append(first - launched)
                launched = None
        if isinstance(event, TrainerExited):
            found["exit"].append(at - (last_step or at))
            exited = at
        if isinstance(event, TrainerLaunched):
            if exited is not None:
                found["decision"].append(event.at - exited)
            launched = event.at
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="a corpus folder with train.csv")
    parser.add_argument("--preset", default="small")
    parser.add_argument("--trial-iters", type=int, default=200)
    parser.add_argument("--trials", type=int, default=3)
    arguments = parser.parse_args()
    arguments.data = str(Path(arguments.data).resolve())
    with tempfile.TemporaryDirectory() as name:
        paths = {}
        for run in ("warmup", "bare", "tuned"):
            paths[run] = Path(name) / run / "run.yaml"
            paths[run].parent.mkdir()
            content = settings(arguments, run)
            if run == "warmup":
                content["trainer"]["max_iterations"] = 1
            with open(paths[run], "w") as file:
                YAML(typ="safe", pure=True).dump(content, file)
        bare(paths["warmup"])
        with ThreadPoolExecutor(1) as pool:
            alone_job = pool.submit(bare, paths["bare"])
            os.chdir(paths["tuned"].parent)
            together, seen = tuned(paths["tuned"])
            os.chdir("/")
            alone = alone_job.result()
    found = parts(seen, interval=10)
    table = Table(title=f"{arguments.trials} trials of {arguments.trial_iters} iterations")
    table.add_column("what")
    table.add_column("seconds", justify="right")
    table.add_row("ttsf train, no restarts", f"{alone:.1f}")
    table.add_row("ttsf tune, keep", f"{together:.1f}")
    table.add_row("one trial", f"{alone / arguments.trials:.1f}")
    names = {
        "exit": "last step to exit: evaluation, checkpoint, pictures, shutdown",
        "decision": "exit to the next launch: score, decide",
        "start": "launch to the first step: imports, data, checkpoint",
    }
    for key, text in names.items():
        table.add_row(text, f"{statistics.median(found[key]):.2f}")
    overhead = 100 * (together - alone) / alone
    table.add_row("[bold]tuning costs, bound 5%", f"[bold]{overhead:+.1f}%")
    Console().print(table)


if __name__ == "__main__":
    main()
