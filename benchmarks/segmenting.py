"""Скорость и память `ttsf data segment`.

    python benchmarks/segmenting.py [--corpus data/ru_nsh] [--hours 10]

Скорость: 620 записей корпуса как есть и они же, соединённые в записи по 20 минут; время всей
команды вместе с запуском Python, на всех ядрах. Память: корпус, повторённый подряд в одном файле
до `--hours` часов; наибольший из процессов (такая запись режется одним).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import soundfile
from rich.console import Console
from rich.table import Table

RATE = 16000


def joined(corpus: Path, folder: Path, seconds: float, total: float) -> None:
    """Соедини клипы корпуса в записи по `seconds`, всего `total` секунд."""
    folder.mkdir()
    clips = cycle(sorted((corpus / "wavs").glob("*.wav")))
    written, number = 0.0, 0
    while written < total:
        with soundfile.SoundFile(
            folder / f"rec_{number:03}.wav", "w", RATE, 1, "PCM_16", format="WAV"
        ) as file:
            length = min(seconds, total - written)
            while file.tell() < length * RATE:
                file.write(soundfile.read(next(clips), dtype="int16")[0])
            written += file.tell() / RATE
        number += 1


def measure(raw: Path, out: Path, detector: str, workers: int) -> tuple[float, float, float]:
    """Верни время команды, время процессоров (с) и наибольшую память процесса (МиБ)."""
    command = [sys.executable, "-m", "tts_framework", "data", "segment", str(raw)]
    command += ["--out", str(out), "--detector", detector, "--workers", str(workers)]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if status:
        sys.exit(f"{' '.join(command)}: exit status {status}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def cases(corpus: Path, folder: Path, hours: float) -> Iterator[tuple[str, Path, float]]:
    seconds = sum(soundfile.info(path).duration for path in (corpus / "wavs").glob("*.wav"))
    yield "620 files", corpus / "wavs", seconds
    joined(corpus, folder / "long", 1200, seconds)
    yield "files of 20 min", folder / "long", seconds
    if hours:
        joined(corpus, folder / "one", hours * 3600, hours * 3600)
        yield f"one file of {hours:g} h", folder / "one", hours * 3600


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("data/ru_nsh"))
    parser.add_argument("--hours", type=float, default=10)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--detector", nargs="+", default=["silero", "energy"])
    arguments = parser.parse_args()
    table = Table(title=f"ttsf data segment, {arguments.workers} processes, clips at 22050 Hz")
    for column in ("input", "detector", "wall, s", "x real time", "CPU, s", "x per CPU", "MiB"):
        table.add_column(column)
    with tempfile.TemporaryDirectory() as temporary:
        for title, raw, seconds in cases(arguments.corpus, Path(temporary), arguments.hours):
            for name in arguments.detector:
                out = Path(temporary) / f"{title}-{name}"
                wall, cpu, memory = measure(raw, out, name, arguments.workers)
                row = [title, name, f"{wall:.1f}", f"{seconds / wall:.0f}"]
                row += [f"{cpu:.1f}", f"{seconds / cpu:.0f}", f"{memory:.0f}"]
                print(*row, sep="  ", file=sys.stderr, flush=True)
                table.add_row(*row)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
