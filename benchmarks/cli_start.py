"""Сколько ждать `ttsf --help` и `ttsf plugins`: `python benchmarks/cli_start.py`.

Пределы: 0,35 с и четверть времени `import torch` в том же прогоне. Команды и импорт чередуются,
чтобы чужая нагрузка доставалась всем поровну; в таблице — медиана.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 9
LIMIT_SECONDS = 0.35
LIMIT_SHARE = 0.25
TORCH = "import torch"
COMMANDS = {
    "ttsf --help": ["-m", "tts_framework", "--help"],
    "ttsf plugins": ["-m", "tts_framework", "plugins"],
    TORCH: ["-c", TORCH],
}


def measure() -> dict[str, float]:
    """Верни медиану времени каждой команды, с."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, arguments in COMMANDS.items():
            started = time.perf_counter()
            subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
            times[name].append(time.perf_counter() - started)
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> int:
    """Напечатай таблицу; код 1, если предел превышен."""
    found = measure()
    torch = found[TORCH]
    slow = False
    print("| command | seconds | of `import torch` | limit | |\n|---|---|---|---|---|")
    for name, seconds in found.items():
        if name == TORCH:
            print(f"| {name} | {seconds:.3f} | 100% | | |")
            continue
        good = seconds <= LIMIT_SECONDS and seconds <= LIMIT_SHARE * torch
        slow = slow or not good
        limit = f"{LIMIT_SECONDS} s, {LIMIT_SHARE:.0%}"
        print(f"| {name} | {seconds:.3f} | {seconds / torch:.0%} | {limit} | {_word(good)} |")
    return 1 if slow else 0


def _word(good: bool) -> str:
    return "ok" if good else "TOO SLOW"


if __name__ == "__main__":
    sys.exit(main())
