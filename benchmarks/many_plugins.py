"""`ttsf plugins`, когда установлено много плагинов: python benchmarks/many_plugins.py."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tts_framework.testing.project import KINDS, render

LIMIT_SECONDS = 0.5


def install(site: Path, count: int) -> None:
    """Положи в папку столько пакетов, сколько поставил бы pip: исходники и метаданные."""
    kinds = list(KINDS)
    for number in range(count):
        name, kind = f"many_{number}", kinds[number % len(kinds)]
        for relative, text in render(name, kind).items():
            if relative.startswith("src/"):
                path = site / relative.removeprefix("src/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        info = site / f"ttsf_{name}-0.1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.4\nName: ttsf-{name}\nVersion: 0.1.0\n"
        )
        (info / "entry_points.txt").write_text(f"[ttsf]\n{name} = ttsf_{name}\n")


def seconds(site: Path | None, runs: int) -> list[float]:
    """Замерь процесс `ttsf plugins` целиком; первый запуск прогревает кэши и не считается."""
    environment = {**os.environ, **({"PYTHONPATH": str(site)} if site else {})}
    found = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "tts_framework", "plugins"],
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        found.append(time.perf_counter() - began)
    return found[1:]


def main() -> int:
    """Напечатай медианы без лишних плагинов и с ними."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        install(site, options.count)
        before, after = seconds(None, options.runs), seconds(site, options.runs)
    few, many = statistics.median(before), statistics.median(after)
    print(
        f"ttsf plugins: {few:.3f} s, with {options.count} more {many:.3f} s (limit {LIMIT_SECONDS})"
    )
    return int(many > LIMIT_SECONDS)


if __name__ == "__main__":
    raise SystemExit(main())
