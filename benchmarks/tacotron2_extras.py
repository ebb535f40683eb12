"""Чего стоят шагу MMI, GST и направление внимания: время и память рядом с шагом без них.

    python benchmarks/tacotron2_extras.py [--sizes full small] [--rounds 3]

Раз в 10 шагов MMI считает оба градиента врозь; «средний» шаг - девять обычных и один такой. Шаги
чередуются внутри круга, отношение - медиана отношений внутри круга. Память - пик процесса.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import torch
from tacotron2_training import (
    BATCHES,
    DEVICE,
    FRAMES,
    NATIVE_BF16,
    SYMBOLS,
    TEXT,
    resident_peak,
)
from torch import nn

from ttsf_tacotron2.batches import Batch
from ttsf_tacotron2.mmi import REFRESH
from ttsf_tacotron2.network import Tacotron2
from ttsf_tacotron2.objective import Balance, terms
from ttsf_tacotron2.options import Tacotron2Options
from ttsf_tacotron2.sizes import PRESETS

FRAME_RATE = 22050 / 256


def batch_of(size: int) -> Batch:
    torch.manual_seed(1)
    text = torch.randint(1, SYMBOLS, (size, TEXT))
    edges = torch.linspace(0, FRAMES, TEXT + 1)
    spans = torch.stack([edges[:-1], edges[1:]], 1).expand(size, -1, -1)
    lengths = torch.full((size,), TEXT), torch.full((size,), FRAMES)
    mels = torch.randn(size, 80, FRAMES)
    whole = Batch(text, lengths[0], mels, lengths[1], text, lengths[0], spans)
    return whole.to(torch.device(DEVICE))


def stepper(preset: str, size: int, extras: bool) -> Callable[[int], None]:
    """Шаг обучения с данным номером; точность - как при `precision: auto`."""
    torch.manual_seed(0)
    net = Tacotron2(PRESETS[preset], SYMBOLS, mmi=extras, gst=extras).to(DEVICE)
    net.drop_frame_rate = 0.2 if extras else 0.0
    config = Tacotron2Options(guided_attention_weight=5.0 if extras else 0.0)
    balance, batch = Balance(net, 0.5), batch_of(size)
    optimizer = torch.optim.Adam(net.parameters(), 1e-3, weight_decay=1e-6, fused=True)

    def step(iteration: int) -> None:
        optimizer.zero_grad()
        with torch.autocast(DEVICE, torch.bfloat16, enabled=NATIVE_BF16):
            outputs = net(batch.text, batch.text_lengths, batch.mels, batch.mel_lengths)
        balance.backward(terms(config, 1, outputs, batch, FRAME_RATE), iteration)
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        if DEVICE == "cuda":
            torch.cuda.synchronize()

    return step


def timed(step: Callable[[int], None], iteration: int) -> float:
    start = time.perf_counter()
    step(iteration)
    return time.perf_counter() - start


def peak(preset: str, size: int, extras: bool) -> float:
    command = [sys.executable, __file__, "--peak", json.dumps([preset, size, extras])]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1])


def measure_peak(preset: str, size: int, extras: bool) -> float:
    """Сколько мегабайт занимает шаг, на котором градиенты считаются врозь."""
    before = resident_peak()
    stepper(preset, size, extras)(0)
    return torch.cuda.max_memory_allocated() / 1e6 if DEVICE == "cuda" else resident_peak() - before


def report(preset: str, size: int, rounds: int) -> None:
    plain, rich = stepper(preset, size, False), stepper(preset, size, True)
    plain(0)
    rich(0)
    rows = [(timed(plain, 1), timed(rich, 1), timed(rich, 0)) for _ in range(rounds)]
    base, usual, refresh = (statistics.median(column) for column in zip(*rows))
    ratio = statistics.median(((REFRESH - 1) * b + c) / REFRESH / a for a, b, c in rows)
    print(
        f"| {preset:5} | {size:5} | {base:6.2f} | {usual:6.2f} | {refresh:7.2f} | {ratio:5.2f} "
        f"| {peak(preset, size, False):6.0f} | {peak(preset, size, True):6.0f} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", nargs="+", default=["full", "small"], choices=["full", "small"])
    parser.add_argument("--peak", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peak:
        print(measure_peak(*json.loads(arguments.peak)))
        return
    dtype = "bf16" if NATIVE_BF16 else "fp32"
    print(f"torch {torch.__version__}, {DEVICE}, {torch.get_num_threads()} threads, {dtype}")
    print("| sizes | batch | plain  | extras | refresh | ratio | MB     | MB+    |")
    print("|-------|-------|--------|--------|---------|-------|--------|--------|")
    for preset in arguments.sizes:
        for size in BATCHES[DEVICE][preset]:
            report(preset, size, arguments.rounds)


if __name__ == "__main__":
    main()
