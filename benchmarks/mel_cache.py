"""Mel-кэш против простого цикла на librosa: подготовка, повторный запуск, чтение эпохи.

    python benchmarks/mel_cache.py [--list data/ru_nsh/train.csv] [--clips 100]

Без `--list` берётся синтетический корпус espeak-ng. Каждый способ идёт в своём процессе, чтобы
в его время вошёл и импорт; рядом — Griffin-Lim на тех же клипах.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

RATE = 16000


def paths_of(source: Path, count: int) -> list[Path]:
    from tts_framework.speech.filelist import read

    return [clip.path for clip in read(source)[:count]]


def with_librosa(source: Path, count: int, folder: Path) -> dict[str, float]:
    """Посчитай mel в цикле и сложи в .npy, как делают скрипты подготовки."""
    start = time.perf_counter()
    import librosa

    for path in paths_of(source, count):
        samples, _ = librosa.load(path, sr=None)
        mel = librosa.feature.melspectrogram(
            y=samples, sr=RATE, n_fft=1024, hop_length=256, n_mels=80, fmax=8000, power=1.0
        )
        np.save(folder / f"{path.stem}.npy", np.log(np.maximum(mel, 1e-5)))
    prepared = time.perf_counter() - start
    return {
        "prepare": prepared,
        "epoch": _epoch(lambda p: np.load(folder / f"{p.stem}.npy"), source, count),
    }


def with_cache(source: Path, count: int, folder: Path) -> dict[str, float]:
    """Подготовь кэш дважды: впервые и так, как после перезапуска тренера."""
    start = time.perf_counter()
    from tts_framework.options import AudioSettings
    from tts_framework.speech.mel_cache import MelCache
    from tts_framework.speech.mels import griffin_lim

    audio = AudioSettings(sampling_rate=RATE)
    paths = paths_of(source, count)
    MelCache(folder, audio).ensure(paths)
    prepared = time.perf_counter() - start
    start = time.perf_counter()
    cache = MelCache(folder, audio)
    cache.ensure(paths)
    again = time.perf_counter() - start
    start = time.perf_counter()
    spoken = sum(len(griffin_lim(cache.get(path), audio)) for path in paths[:10]) / RATE
    vocoded = (time.perf_counter() - start) / spoken
    return {
        "prepare": prepared,
        "again": again,
        "epoch": _epoch(cache.get, source, count),
        "griffin_lim": vocoded,
    }


def _epoch(get: object, source: Path, count: int) -> float:
    """Прочитай все mel, как читает их пачка: с копией в память."""
    start = time.perf_counter()
    for path in paths_of(source, count):
        np.array(get(path))  # type: ignore[operator]
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", type=Path)
    parser.add_argument("--clips", type=int, default=100)
    parser.add_argument("--way", choices=("librosa", "cache"))
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    if arguments.way:
        measure = {"librosa": with_librosa, "cache": with_cache}[arguments.way]
        for name, seconds in measure(arguments.list, arguments.clips, arguments.folder).items():
            print(name, seconds)
        return
    with tempfile.TemporaryDirectory() as name:
        source = arguments.list or _synthetic(Path(name) / "corpus", arguments.clips)
        compare(source, arguments.clips, Path(name))


def compare(source: Path, count: int, folder: Path) -> None:
    import soundfile

    results = {way: _run(way, source, count, folder) for way in ("librosa", "cache")}
    paths = paths_of(source, count)
    minutes = sum(soundfile.info(str(path)).duration for path in paths) / 60
    table = Table(title=f"Mel of {len(paths)} clips, {minutes:.1f} min of speech")
    for column in ("what", "librosa loop", "MelCache"):
        table.add_column(column)
    rows = {
        "import and prepare, s": "prepare",
        "restart with the same data, s": "again",
        "read one epoch, s": "epoch",
        "Griffin-Lim, share of real time": "griffin_lim",
    }
    for title, key in rows.items():
        table.add_row(title, *(f"{r[key]:.3f}" if key in r else "-" for r in results.values()))
    Console().print(table)


def _run(way: str, source: Path, count: int, folder: Path) -> dict[str, float]:
    target = folder / way
    target.mkdir()
    command = [sys.executable, __file__, "--way", way, "--list", str(source)]
    answer = subprocess.run(
        [*command, "--clips", str(count), "--folder", str(target)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return {line.split()[0]: float(line.split()[1]) for line in answer.stdout.splitlines()}


def _synthetic(dest: Path, count: int) -> Path:
    from tts_framework.components import CorpusRequest
    from tts_framework.speech.corpora import synthetic
    from tts_framework.speech.corpora.options import SyntheticOptions

    synthetic.fetch(SyntheticOptions(), CorpusRequest(dest, limit=count + count // 8 + 2))
    return dest / "train.csv"


if __name__ == "__main__":
    main()
