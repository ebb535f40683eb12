"""Хранилище с миллионом измерений: сколько стоят запись и запросы цикла.

python benchmarks/metrics_store.py [--metrics 1000000]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tts_framework.builtin.sqlite import SqliteStore
from tts_framework.components import Options
from tts_framework.events import Metric, Warned

TAGS = ("training.loss", "grad.norm", "learning.rate", "duration", "val_loss")
TRIALS = 1000
BOUND_MS = 10.0


def fill(store: SqliteStore, total: int) -> float:
    """Запиши `total` измерений пачками по trial; верни секунды."""
    steps = total // (TRIALS * len(TAGS))
    started = time.perf_counter()
    for trial in range(TRIALS):
        store.add_metrics(
            trial,
            [Metric(tag, step, 1.0 / (step + 1), 0.0) for step in range(steps) for tag in TAGS],
        )
    return time.perf_counter() - started


def milliseconds(work: Callable[[int], object], repeats: int = 200) -> tuple[float, float]:
    """Верни медиану и худшее время одного вызова, мс."""
    times = []
    for number in range(repeats):
        started = time.perf_counter()
        work(number)
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times), max(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--metrics", type=int, default=1_000_000)
    total = parser.parse_args().metrics
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Options(), Path(folder))
        seconds = fill(store, total)
        fresh = TRIALS
        rows = {
            "curve of one trial": milliseconds(lambda n: store.metrics(n % TRIALS, "val_loss")),
            "tags of one trial": milliseconds(lambda n: store.tags(n % TRIALS)),
            "add 5 new metrics": milliseconds(
                lambda n: store.add_metrics(fresh, [Metric(t, n, 1.0, 0.0) for t in TAGS])
            ),
            "append an event": milliseconds(lambda n: store.append(Warned(message=str(n)))),
        }
        size = (Path(folder) / "ttsf.db").stat().st_size / 1e6
        store.close()
    table = Table(
        title=f"SQLite store, {total:,} metrics ({size:.0f} MB, filled in {seconds:.1f} s)"
    )
    for name in ("query", "median, ms", "worst, ms", f"under {BOUND_MS:g} ms"):
        table.add_column(name)
    for name, (median, worst) in rows.items():
        met = "yes" if median < BOUND_MS else "no"
        table.add_row(name, f"{median:.3f}", f"{worst:.3f}", met)
    Console().print(table)


if __name__ == "__main__":
    main()
