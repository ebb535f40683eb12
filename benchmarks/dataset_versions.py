"""Версии набора данных: сколько длится и занимает сохранение, повтор, возврат и сравнение.

    python benchmarks/dataset_versions.py [--corpus data/ru_nsh] [--rounds 3]

Каждая команда — отдельный процесс `ttsf`, в её время входит и запуск. Хранилища: локальный MLflow,
сервер MLflow на loopback, DVC с локальным удалённым хранилищем; рядом — обычные `dvc add` с
`dvc push`. Пределы локального MLflow: 60 с на новую версию, 5 с на неизменную; при превышении
сценарий завершается кодом 1.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

LIMITS = {"save": 60.0, "save unchanged": 5.0}
TTSF = (sys.executable, "-m", "tts_framework", "data", "version")
DVC = (sys.executable, "-m", "dvc")
Times = dict[str, float]


def timed(command: list[str], folder: Path, environ: dict[str, str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
    return time.perf_counter() - start


def with_ttsf(corpus: Path, folder: Path, environ: dict[str, str], use: str) -> Times:
    """Сохрани, сохрани без изменений и с одним новым клипом, верни, сравни."""
    shutil.copytree(corpus, folder / "voice")

    def run(*arguments: str) -> float:
        return timed([*TTSF, *arguments, "--use", use], folder, environ)

    named = ("save", "voice", "--name", "ru")
    times = {"save": run(*named), "save unchanged": run(*named)}
    clip = next(iter(sorted(folder.glob("voice/wavs/*.wav"))))
    clip.write_bytes(clip.read_bytes()[:-2])
    times["save one changed"] = run(*named)
    times["checkout"] = run("checkout", "ru", "--out", "out")
    times["diff with disk"] = run("diff", "ru", "out")
    times["list"] = run("list", "voice")
    return times


def with_plain_dvc(corpus: Path, folder: Path, environ: dict[str, str]) -> Times:
    """Сделай то же командами DVC: `add` и `push`; возврат — `checkout` в пустую папку."""
    shutil.copytree(corpus, folder / "voice")

    def run(*commands: str) -> float:
        return sum(timed([*DVC, *command.split()], folder, environ) for command in commands)

    times = {"save": run("add voice", "push"), "save unchanged": run("add voice", "push")}
    clip = next(iter(sorted(folder.glob("voice/wavs/*.wav"))))
    clip.write_bytes(clip.read_bytes()[:-2])
    times["save one changed"] = run("add voice", "push")
    shutil.rmtree(folder / "voice")
    times["checkout"] = run("checkout voice.dvc")
    times["diff with disk"] = run("status voice.dvc")
    return times


def make_repository(folder: Path, environ: dict[str, str]) -> None:
    timed([*DVC, "init", "--no-scm", "-q"], folder, environ)
    timed([*DVC, "remote", "add", "-q", "-d", "storage", "../storage"], folder, environ)


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Подними `mlflow server --serve-artifacts` и верни его адрес."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--serve-artifacts"]
    places = ["--backend-store-uri", f"sqlite:///{folder}/m.db"]
    places += ["--artifacts-destination", str(folder / "artifacts")]
    command = [sys.executable, "-m", "mlflow", "server", *options, *places]
    log = open(folder / "log", "w")
    process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(address: str) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"{address}: the server did not start")


def size_of(*folders: Path) -> float:
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return sum(path.stat().st_blocks * 512 for path in files) / 1e6


def one_round(corpus: Path, round: Path) -> dict[str, tuple[Times, float]]:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
    found: dict[str, tuple[Times, float]] = {}
    folders = {}
    for name in ("mlflow, local", "mlflow, server", "dvc", "dvc add + push"):
        folders[name] = round / name.replace(", ", "_").replace(" ", "_") / "work"
        folders[name].mkdir(parents=True)
    local = folders["mlflow, local"]
    times = with_ttsf(corpus, local, environ, "mlflow")
    found["mlflow, local"] = times, size_of(local / "mlruns")
    there = folders["mlflow, server"]
    with server(there.parent) as uri:
        times = with_ttsf(corpus, there, {**environ, "MLFLOW_TRACKING_URI": uri}, "mlflow")
    found["mlflow, server"] = times, size_of(there.parent / "artifacts")
    for name in ("dvc", "dvc add + push"):
        folder = folders[name]
        make_repository(folder, environ)
        if name == "dvc":
            times = with_ttsf(corpus, folder, environ, "dvc")
        else:
            times = with_plain_dvc(corpus, folder, environ)
        found[name] = times, size_of(folder / ".dvc/cache", folder.parent / "storage")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("data/ru_nsh"))
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    rounds = []
    for _ in range(arguments.rounds):
        with tempfile.TemporaryDirectory(prefix="ttsf-versions-") as folder:
            rounds.append(one_round(arguments.corpus.resolve(), Path(folder)))
    size = size_of(arguments.corpus)
    title = f"{arguments.corpus}, {size:.0f} MB on disk, median of {arguments.rounds}, seconds"
    table = Table("command", *rounds[0], title=title)
    commands = list(rounds[0]["mlflow, local"][0])
    late = False
    for command in commands:
        cells = []
        for store in rounds[0]:
            values = [found[store][0][command] for found in rounds if command in found[store][0]]
            cells.append(f"{statistics.median(values):.2f}" if values else "")
            limited = store == "mlflow, local" and command in LIMITS
            late |= limited and statistics.median(values) > LIMITS[command]
        table.add_row(command, *cells)
    table.add_row("store, MB (2 versions)", *(f"{rounds[0][store][1]:.0f}" for store in rounds[0]))
    Console(width=110).print(table)
    return int(late)


if __name__ == "__main__":
    sys.exit(main())
