"""Списки в 200 000 строк: секунды процессора и память; каждый случай — отдельный процесс.

    python benchmarks/long_lists.py [--lines 200000]

Пределы — в таблице; при превышении код завершения 1.
"""

from __future__ import annotations

import argparse
import math
import struct
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

from rich.console import Console
from rich.table import Table

RATE = 22050
PARSE = """
from tts_framework.speech.filelist import parse
clips, problems = parse(folder / "train.csv")
assert len(clips) == lines and not problems
"""
KALDI = """
from tts_framework.builtin.kaldi import Kaldi
from tts_framework.speech.importing.records import listed
found = listed(Kaldi(Kaldi.Config()), folder, 1000, lambda done, total, what: None)
assert len(found.good) == 1000
"""
CHECK = """
from tts_framework.speech.checking.checking import check
from tts_framework.speech.checking.page import write_page
from tts_framework.speech.checking.report import write_json
report = check(folder)
write_json(report, folder / "check.json")
write_page(report, folder / "check.html")
assert len(report.findings) > lines
"""
CASES = {
    "train.csv parsed": (PARSE, 6, None),
    "wav.scp of Kaldi checked": (KALDI, 15, None),
    "data check, a finding for every line": (CHECK, 60, 1000),
}
"""Что измеряется: код, предел в секундах процессора, предел памяти в МБ."""


def prepared(folder: Path, lines: int) -> Path:
    """Запиши один тон и три списка, ссылающихся на клипы, которых большей частью нет."""
    samples = [int(8000 * math.sin(2 * math.pi * 220 * i / RATE)) for i in range(2 * RATE)]
    (folder / "wavs").mkdir()
    for place in (folder / "one.wav", folder / "wavs" / "one.wav"):
        with wave.open(str(place), "wb") as file:
            file.setparams((1, 2, RATE, len(samples), "NONE", ""))
            file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    numbers = range(lines)
    (folder / "train.csv").write_text("".join(f"wavs/{n:06}.wav|Клип {n}.\n" for n in numbers))
    (folder / "wav.scp").write_text("".join(f"utt{n:06} one.wav\n" for n in numbers))
    rows = "".join(f"clip_{n:06}|Слово {'а' * (n % 40)} ещё слово.|2.0|v\n" for n in numbers)
    (folder / "metadata.csv").write_text(f"id|text|duration|speaker\none|Слово.|2.0|v\n{rows}")
    return folder


def measured(code: str, folder: Path, lines: int) -> tuple[float, int]:
    """Выполни код отдельным процессом; верни секунды процессора и наибольшую память в МБ."""
    head = "import resource, sys\nfrom pathlib import Path\n"
    head += "folder, lines = Path(sys.argv[1]), int(sys.argv[2])\n"
    tail = "used = resource.getrusage(resource.RUSAGE_SELF)\n"
    tail += "print(used.ru_utime + used.ru_stime, used.ru_maxrss // 1024)\n"
    command = [sys.executable, "-c", head + code + tail, str(folder), str(lines)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    seconds, megabytes = done.stdout.split()
    return float(seconds), int(megabytes)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=200_000)
    lines = parser.parse_args().lines
    shown = Table(title=f"{lines} lines")
    for column in ("what", "processor, s", "bound, s", "memory, MB", "bound, MB"):
        shown.add_column(column)
    kept = True
    with tempfile.TemporaryDirectory() as name:
        folder = prepared(Path(name), lines)
        for what, (code, most_seconds, most_megabytes) in CASES.items():
            seconds, megabytes = measured(code, folder, lines)
            kept &= seconds <= most_seconds and megabytes <= (most_megabytes or math.inf)
            bounds = (str(most_seconds), str(most_megabytes or ""))
            shown.add_row(what, f"{seconds:.1f}", bounds[0], str(megabytes), bounds[1])
    Console(width=100).print(shown)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
