"""Скорость обучения HiFi-GAN: шаги в секунду в fp32 и bf16.

    python benchmarks/hifigan_training.py [--steps 5] [--presets v1] [--batch N] [--segment N]

Шаг - оба дискриминатора, генератор, все потери и оба AdamW; чтение данных не входит. На GPU пачка
эталона (16 отрезков по 8192), на CPU - 2 по 4096. Сети опубликованного размера.
"""

from __future__ import annotations

import argparse
import statistics
import time

import torch

from tts_framework.components import AudioSettings
from ttsf_hifigan.clips import Batch
from ttsf_hifigan.log_mel import LogMel
from ttsf_hifigan.networks import Networks
from ttsf_hifigan.options import HifiganOptions

AUDIO = AudioSettings()
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def steps_per_second(preset: str, precision: str, batch: int, segment: int, steps: int) -> float:
    """Верни медиану скорости по шагам после разогрева."""
    torch.manual_seed(0)
    config = HifiganOptions.model_validate({"preset": preset, "precision": precision})
    networks = Networks(config.network_sizes(AUDIO), config, LogMel.full_band(AUDIO))
    networks.to(DEVICE)
    networks.enforce(config, 0)
    mel = torch.randn(batch, AUDIO.n_mel_channels, segment // AUDIO.hop_length)
    data = Batch(mel, 0.1 * torch.randn(batch, 1, segment)).to(DEVICE)
    spent = []
    for _ in range(steps + 1):
        start = time.perf_counter()
        networks.step(data, config)
        if DEVICE.type == "cuda":
            torch.cuda.synchronize()
        spent.append(time.perf_counter() - start)
    return 1 / statistics.median(spent[1:])


def main() -> None:
    """Разбери аргументы, измерь и напечатай таблицу."""
    gpu = DEVICE.type == "cuda"
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=50 if gpu else 3)
    parser.add_argument("--presets", nargs="+", default=["v1"], choices=["v1", "v2", "v3"])
    parser.add_argument("--precisions", nargs="+", default=["fp32", "bf16"])
    parser.add_argument("--batch", type=int, default=16 if gpu else 2)
    parser.add_argument("--segment", type=int, default=8192 if gpu else 4096)
    asked = parser.parse_args()
    print(f"{DEVICE}, {torch.get_num_threads()} threads, batch {asked.batch} x {asked.segment}")
    print("| | precision | steps/s | s of sound per s |")
    print("|---|---|---|---|")
    for preset in asked.presets:
        for precision in asked.precisions:
            rate = steps_per_second(preset, precision, asked.batch, asked.segment, asked.steps)
            heard = rate * asked.batch * asked.segment / AUDIO.sampling_rate
            print(f"| {preset.upper()} | {precision} | {rate:.3f} | {heard:.2f} |", flush=True)


if __name__ == "__main__":
    main()
