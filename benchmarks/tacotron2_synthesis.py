"""Скорость синтеза Tacotron 2 `full` (r=1): во сколько раз быстрее звука, рядом с torchaudio.

    python benchmarks/tacotron2_synthesis.py [--rounds 3] [--steps 300]

Время - вся сеть: кодировщик, декодер шаг за шагом, postnet; звук - 22.05 кГц с шагом 256 отсчётов.
Веса случайные, остановка выключена: каждый говорит ровно `--steps` шагов. Соперники чередуются
внутри круга, в таблице медианы. Ошибка хранения весов - отношение сигнал/шум кадров к fp32 на одной
и той же подсказке и масках, дБ.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from tacotron2_training import SYMBOLS, Contender
from torch import Tensor

from ttsf_tacotron2.fast_steps import FastSteps, Storage
from ttsf_tacotron2.network import Tacotron2
from ttsf_tacotron2.sizes import PRESETS

FRAME_SECONDS = 256 / 22050
TEXT = 80
STORAGES: tuple[Storage, ...] = ("fp32", "bf16", "int8")


def network() -> Tacotron2:
    torch.manual_seed(0)
    return Tacotron2(PRESETS["full"], SYMBOLS).eval()


def texts(batch: int) -> tuple[Tensor, Tensor]:
    torch.manual_seed(1)
    return torch.randint(SYMBOLS, (batch, TEXT)), torch.full((batch,), TEXT)


def ours(net: Tacotron2, batch: int, storage: Storage, steps: int) -> Callable[[], None]:
    text, lengths = texts(batch)

    def speak() -> None:
        net.infer(text, lengths, max_decoder_steps=steps, gate_threshold=1.0, storage=storage)

    return speak


def theirs(batch: int, steps: int) -> Callable[[], None]:
    net: Any = Contender("torchaudio", "full", batch, False).build().eval()
    net.decoder.decoder_max_step, net.decoder.gate_threshold = steps, 2.0
    text, lengths = texts(batch)

    def speak() -> None:
        with torch.no_grad():
            net.infer(text, lengths)

    return speak


@torch.no_grad()
def frames_of(net: Tacotron2, storage: Storage, steps: int) -> Tensor:
    """Кадры декодера на одной и той же подсказке: `[шаги, n_mels + 1]`."""
    text, lengths = texts(1)
    stepper = FastSteps(net.decoder, net.encoder(net.embedding(text), lengths), lengths, storage)
    torch.manual_seed(2)
    heard = torch.randn(steps, 1, net.decoder.prenet.width).relu()
    weights = torch.empty(1, TEXT)
    return torch.cat([stepper.step(frame, weights) for frame in heard])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=300)
    arguments = parser.parse_args()
    net, steps = network(), arguments.steps
    contenders = {("torchaudio", 1, "fp32"): theirs(1, steps)}
    contenders |= {("ttsf", 1, s): ours(net, 1, s, steps) for s in STORAGES}
    contenders["ttsf", 8, "fp32"] = ours(net, 8, "fp32", steps)
    seconds: dict[tuple[str, int, str], list[float]] = {name: [] for name in contenders}
    for number in range(arguments.rounds + 1):
        for name, speak in contenders.items():
            start = time.perf_counter()
            speak()
            if number:
                seconds[name].append(time.perf_counter() - start)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {steps} steps")
    print("| code       | batch | weights | ms/step | times real time |")
    print("|------------|-------|---------|---------|-----------------|")
    for (code, batch, storage), spent in seconds.items():
        middle = statistics.median(spent)
        print(
            f"| {code:10} | {batch:5} | {storage:7} | {middle / steps * 1e3:7.2f} "
            f"| {batch * steps * FRAME_SECONDS / middle:15.2f} |"
        )
    exact = frames_of(net, "fp32", steps)
    for storage in STORAGES[1:]:
        error = frames_of(net, storage, steps) - exact
        print(f"{storage}: SNR of frames {10 * (exact.var() / error.var()).log10():.1f} dB")


if __name__ == "__main__":
    main()
