"""Скорость проверки корпуса: впервые, повторно и с правками; вместе с запуском команды.

    python benchmarks/checking.py [--corpus data/ru_nsh] [--workers 2]

Каждый раз — отдельный процесс `ttsf data check`. Для правок берётся копия корпуса, где каждый
четвёртый клип — в 22 050 Гц.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import soundfile
from rich.console import Console
from rich.table import Table

from tts_framework.errors import ExitCode
from tts_framework.speech.audio import resample, write_wav
from tts_framework.speech.corpora import table

BOUND_SECONDS = 60


def timed(corpus: Path, out: Path, workers: int, *arguments: str) -> float:
    """Проверь корпус отдельным процессом; верни секунды."""
    command = [sys.executable, "-m", "tts_framework", "data", "check", str(corpus)]
    places = ["--json", f"{out}/check.json", "--html", f"{out}/check.html"]
    places += ["--cache", f"{out}/cache", "--workers", str(workers)]
    started = time.perf_counter()
    done = subprocess.run([*command, *places, *arguments], capture_output=True, text=True)
    if done.returncode not in (ExitCode.OK, ExitCode.USER) or not (out / "check.html").exists():
        sys.exit(done.stderr)
    return time.perf_counter() - started


def mixed(corpus: Path, target: Path) -> Path:
    """Скопируй корпус, сменив частоту каждого четвёртого клипа."""
    rows = table.read(corpus)
    (target / "wavs").mkdir(parents=True)
    table.write(target, rows)
    for number, row in enumerate(rows):
        if number % 4:
            shutil.copyfile(table.wav(corpus, row.id), table.wav(target, row.id))
        else:
            samples, rate = soundfile.read(str(table.wav(corpus, row.id)), dtype="float32")
            write_wav(table.wav(target, row.id), resample(samples, rate, 22050), 22050)
    return target


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("data/ru_nsh"))
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    rows = table.read(arguments.corpus)
    speech = sum(row.seconds for row in rows)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = timed(arguments.corpus, folder / "a", arguments.workers)
        times = {
            "check, first time": first,
            "check again": timed(arguments.corpus, folder / "a", arguments.workers),
        }
        spoiled = mixed(arguments.corpus, folder / "mixed")
        times["check and --fix a quarter"] = timed(
            spoiled, folder / "b", arguments.workers, "--fix", str(folder / "fixed")
        )
    shown = Table(title=f"{len(rows)} clips, {speech / 60:.1f} min, {arguments.workers} workers")
    for column in ("what", "seconds", "times faster than real time"):
        shown.add_column(column)
    for what, seconds in times.items():
        shown.add_row(what, f"{seconds:.1f}", f"{speech / seconds:.0f}")
    Console(width=100).print(shown)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"peak memory of a process: {peak} MiB")
    return 0 if first <= BOUND_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
