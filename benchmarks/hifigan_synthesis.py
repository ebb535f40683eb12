"""Скорость синтеза HiFi-GAN рядом с прямой записью той же сети на `nn.Conv1d`.

    python benchmarks/hifigan_synthesis.py [--rounds 5] [--seconds 10] [--threads N]

Прямая запись - свёрнутый генератор в fp32, весь звук одним проходом. Соперники чередуются внутри
круга; в таблице - медианы по кругам, отношение - медиана отношений внутри круга. SNR - нашего звука
к прямой записи; первый звук - от готовой mel до первого куска потока.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from tts_framework.components import AudioSettings
from ttsf_hifigan.generator import Generator
from ttsf_hifigan.normed import fold
from ttsf_hifigan.sizes import PRESETS
from ttsf_hifigan.synthesis import Synthesizer

AUDIO = AudioSettings()
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def generator(preset: str) -> Generator:
    """Построй сеть, звук которой не тише обученной: у свежей он почти нулевой."""
    torch.manual_seed(0)
    network = Generator(PRESETS[preset]).eval().requires_grad_(False)
    for name, parameter in network.named_parameters():
        if name.endswith("weight_g"):
            parameter.mul_(1.7)
    return network


def seconds(work: Callable[[], object]) -> float:
    """Измерь одно выполнение."""
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    work()
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def snr(reference: np.ndarray, ours: np.ndarray) -> float:
    """Отношение сигнала к разности, дБ."""
    error = float(np.square(reference - ours, dtype=np.float64).sum())
    return float(10 * np.log10(np.square(reference, dtype=np.float64).sum() / max(error, 1e-30)))


def row(preset: str, rounds: int, mel: np.ndarray) -> str:
    """Измерь одну сеть и верни строку таблицы."""
    plain, ours = generator(preset), Synthesizer(generator(preset), DEVICE)
    fold(plain)
    plain.to(DEVICE)
    length = (mel.shape[1] - 1) * AUDIO.hop_length

    @torch.inference_mode()
    def reference() -> np.ndarray:
        samples = plain(torch.from_numpy(mel).unsqueeze(0).to(DEVICE))
        return np.asarray(samples[0, 0, :length].cpu().numpy())

    quality = snr(reference(), ours.whole(mel))
    next(ours.stream(mel))
    theirs, mine, first = [], [], []
    for _ in range(rounds):
        theirs.append(seconds(reference))
        mine.append(seconds(lambda: ours.whole(mel)))
        first.append(seconds(lambda: next(ours.stream(mel))))
    spoken = length / AUDIO.sampling_rate
    ratio = statistics.median(t / m for t, m in zip(theirs, mine, strict=True))
    return (
        f"| {preset.upper()} | {spoken / statistics.median(theirs):.1f}"
        f" | {spoken / statistics.median(mine):.1f} | {ratio:.2f} | {quality:.0f}"
        f" | {statistics.median(first):.3f} |"
    )


def main() -> None:
    """Разбери аргументы, измерь и напечатай таблицу."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--presets", nargs="+", default=list(PRESETS), choices=list(PRESETS))
    asked = parser.parse_args()
    if asked.threads:
        torch.set_num_threads(asked.threads)
    frames = 1 + round(asked.seconds * AUDIO.sampling_rate / AUDIO.hop_length)
    mel = np.random.default_rng(0).normal(-5, 2, (80, frames)).astype(np.float32)
    print(f"{DEVICE}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    print("| | plain, x real time | ours, x real time | ratio | SNR, dB | first audio, s |")
    print("|---|---|---|---|---|---|")
    for preset in asked.presets:
        print(row(preset, asked.rounds, mel), flush=True)


if __name__ == "__main__":
    main()
