"""Скорость обучения Tacotron 2: кадры мела в секунду рядом с `Tacotron2` из torchaudio.

    python benchmarks/tacotron2_training.py [--rounds 3] [--sizes full small] [--reference-bf16]

Один шаг - прямой проход, потери, обратный проход, обрезка градиента и Adam (один и тот же у всех).
Соперники чередуются внутри круга, в таблице - медианы по кругам, отношение - медиана отношений
внутри круга: посторонняя нагрузка машины достаётся всем поровну. Память - пик отдельного процесса
за один шаг сверх того, что занято до построения сети.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ttsf_tacotron2.device import pays_bf16
from ttsf_tacotron2.losses import tacotron_loss
from ttsf_tacotron2.network import Tacotron2
from ttsf_tacotron2.sizes import PRESETS

CACHE = Path.home() / ".cache" / "ttsf" / "benchmarks"
SOURCE = "torchaudio/models/tacotron2.py"
SYMBOLS, TEXT, FRAMES = 148, 80, 400
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
NATIVE_BF16 = pays_bf16(torch.device(DEVICE), PRESETS["full"].decoder_rnn_dim)
BATCHES = {"cpu": {"full": [8], "small": [16]}, "cuda": {"full": [64, 128], "small": [64]}}


@dataclass(frozen=True)
class Contender:
    """Кто обучается: код, размеры, пакет и точность."""

    code: str  # "torchaudio" | "ttsf"
    preset: str
    batch: int
    bf16: bool

    def build(self) -> nn.Module:
        torch.manual_seed(0)
        if self.code == "ttsf":
            return Tacotron2(PRESETS[self.preset], SYMBOLS).to(DEVICE)
        sizes = PRESETS[self.preset]
        return (
            torchaudio_model()
            .Tacotron2(
                n_symbol=SYMBOLS,
                symbol_embedding_dim=sizes.symbols_embedding_dim,
                encoder_embedding_dim=sizes.encoder_embedding_dim,
                attention_rnn_dim=sizes.attention_rnn_dim,
                decoder_rnn_dim=sizes.decoder_rnn_dim,
                prenet_dim=sizes.prenet_dim,
                postnet_embedding_dim=sizes.postnet_embedding_dim,
            )
            .to(DEVICE)
        )

    def data(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        torch.manual_seed(1)
        text = torch.randint(SYMBOLS, (self.batch, TEXT))
        mels = torch.randn(self.batch, 80, FRAMES)
        lengths = torch.full((self.batch,), TEXT), torch.full((self.batch,), FRAMES)
        return text.to(DEVICE), lengths[0].to(DEVICE), mels.to(DEVICE), lengths[1].to(DEVICE)

    def loss(self, net: nn.Module, data: tuple[Tensor, Tensor, Tensor, Tensor]) -> Tensor:
        with torch.autocast(DEVICE, torch.bfloat16, enabled=self.bf16):
            outputs = net(*data)
        if self.code == "ttsf":
            return tacotron_loss(outputs, data[2], data[3]).total
        mel, post, gate, _ = (x.float() for x in outputs)
        target = torch.zeros_like(gate)
        target[:, -1] = 1.0
        mels = F.mse_loss(mel, data[2]) + F.mse_loss(post, data[2])
        return mels + F.binary_cross_entropy_with_logits(gate, target)

    def stepper(self) -> Callable[[], None]:
        """Шаг обучения, который заканчивается, когда посчитан весь."""
        net, data = self.build(), self.data()
        optimizer = torch.optim.Adam(net.parameters(), 1e-3, weight_decay=1e-6, fused=True)

        def step() -> None:
            optimizer.zero_grad()
            self.loss(net, data).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            if DEVICE == "cuda":
                torch.cuda.synchronize()

        return step


def torchaudio_model() -> ModuleType:
    """Единственный файл из колеса torchaudio: целиком пакет не нужен и тянет за собой CUDA."""
    if "torchaudio_tacotron2" in sys.modules:
        return sys.modules["torchaudio_tacotron2"]
    if not (CACHE / SOURCE).exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*pip, "--dest", str(CACHE), "torchaudio"], check=True)
        with zipfile.ZipFile(next(CACHE.glob("torchaudio-*.whl"))) as wheel:
            wheel.extract(SOURCE, CACHE)
    spec = importlib.util.spec_from_file_location("torchaudio_tacotron2", CACHE / SOURCE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["torchaudio_tacotron2"] = module
    spec.loader.exec_module(module)
    return module


def rounds(contenders: list[Contender], count: int) -> list[list[float]]:
    """Время шага каждого соперника в каждом круге; нулевой круг - разогрев."""
    steps = [contender.stepper() for contender in contenders]
    times: list[list[float]] = [[] for _ in contenders]
    for number in range(count + 1):
        for step, seconds in zip(steps, times):
            start = time.perf_counter()
            step()
            if number:
                seconds.append(time.perf_counter() - start)
    return times


def losses_without_dropout(preset: str) -> tuple[float, float]:
    """Потери torchaudio и наши на одних весах и данных, без единого dropout."""
    reference, ours = Contender("torchaudio", preset, 2, False), Contender("ttsf", preset, 2, False)
    theirs, net = reference.build().eval(), ours.build().eval()
    theirs_state = theirs.state_dict()
    names = {
        name: name.replace(".linear_layer.", ".").replace(".conv.", ".")
        for name in net.state_dict()
    }
    net.load_state_dict({name: theirs_state[other] for name, other in names.items()})
    net.dropout_prenet = 0.0  # type: ignore[assignment]
    with mock.patch.object(F, "dropout", lambda x, *_, **__: x), torch.no_grad():
        data = ours.data()
        return reference.loss(theirs, data).item(), ours.loss(net, data).item()


def peak_megabytes(contender: Contender) -> float:
    """Пик памяти одного шага в отдельном процессе."""
    command = [sys.executable, __file__, "--peak", json.dumps(asdict(contender))]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1])


def measure_peak(contender: Contender) -> float:
    """Сколько мегабайт шаг занимает сверх занятого до него (на GPU - всё, что выделено)."""
    if DEVICE == "cuda":
        contender.stepper()()
        return torch.cuda.max_memory_allocated() / 1e6
    before = resident_peak()
    contender.stepper()()
    return resident_peak() - before


def resident_peak() -> float:
    """Пик памяти этого процесса, МБ; `ru_maxrss` не годится: наследуется от родителя."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1e3


def report(preset: str, batch: int, count: int, reference_bf16: bool) -> None:
    """Одна группа строк таблицы."""
    contenders = [
        Contender("torchaudio", preset, batch, False),
        Contender("ttsf", preset, batch, False),
    ]
    if NATIVE_BF16:
        contenders.append(Contender("ttsf", preset, batch, True))
    if reference_bf16:
        contenders.append(Contender("torchaudio", preset, batch, True))
    times = rounds(contenders, count)
    for contender, seconds in zip(contenders, times):
        speed = statistics.median(batch * FRAMES / s for s in seconds)
        ratio = statistics.median(base / s for base, s in zip(times[0], seconds))
        dtype = "bf16" if contender.bf16 else "fp32"
        print(
            f"| {preset:5} | {batch:5} | {contender.code:10} | {dtype} "
            f"| {statistics.median(seconds):7.2f} | {speed:8.0f} | {ratio:6.2f} "
            f"| {peak_megabytes(contender):7.0f} |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", nargs="+", default=["full", "small"], choices=["full", "small"])
    parser.add_argument("--reference-bf16", action="store_true", help="torchaudio в bf16 тоже")
    parser.add_argument("--peak", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peak:
        fields: dict[str, Any] = json.loads(arguments.peak)
        print(measure_peak(Contender(**fields)))
        return
    print(
        f"torch {torch.__version__}, {DEVICE}, {torch.get_num_threads()} threads, {FRAMES} frames"
    )
    if not NATIVE_BF16:
        print("no bf16 rows: this processor has no native bf16, here it would be emulated\n")
    print("| sizes | batch | code       | type | s/step  | frames/s | times  | peak MB |")
    print("|-------|-------|------------|------|---------|----------|--------|---------|")
    for preset in arguments.sizes:
        for batch in BATCHES[DEVICE][preset]:
            report(preset, batch, arguments.rounds, arguments.reference_bf16)
    for preset in arguments.sizes:
        theirs, ours = losses_without_dropout(preset)
        print(f"loss without dropout, {preset}: torchaudio {theirs:.7f}, ttsf {ours:.7f}")


if __name__ == "__main__":
    main()
