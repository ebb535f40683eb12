"""От текста до первого отсчёта: `full` Tacotron 2 и HiFi-GAN V2 (или другой), растущая mel и целая.

    python benchmarks/stream_latency.py [--rounds 3] [--seconds 10] [--threads N] [--preset v2]

Веса случайные, остановка выключена: фраза длится `--seconds`, до предела шагов. Веса рекурсий как у
`--stream` по умолчанию (bf16). Время - медианы по кругам, соперники чередуются в круге. Запас - на
сколько секунд звук перед худшим куском опережал слушателя (меньше нуля - заикание).
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
import warnings
from pathlib import Path

import torch
from hifigan_synthesis import generator

from tts_framework.components import AudioSettings, Phrase
from tts_framework.plugins import Plugins
from tts_framework.synthesis.chain import Chain, Work
from tts_framework.synthesis.manner import Manner
from tts_framework.training import checkpoint
from ttsf_hifigan.speaker import Speaker
from ttsf_hifigan.synthesis import Synthesizer
from ttsf_tacotron2.description import description
from ttsf_tacotron2.network import Tacotron2
from ttsf_tacotron2.options import Tacotron2Options
from ttsf_tacotron2.voice import Tacotron2Voice

AUDIO = AudioSettings()
TEXT = "сегодня утром мы вышли из дома и долго шли вдоль реки, пока не увидели за поворотом старый мост, по которому давно никто не ездит."  # noqa: E501


def chain(preset: str, seconds: float) -> Chain:
    """Подними необученные голоса; акустический - из чекпоинта, как в команде."""
    torch.manual_seed(0)
    steps = 1 + round(seconds * AUDIO.sampling_rate / AUDIO.hop_length)
    config = Tacotron2Options(
        preset="full", reduction_factor=1, max_decoder_steps=steps, attention_patience=0
    )
    cls = Plugins().get("frontend", "characters")
    frontend = cls(cls.Config(alphabet="".join(sorted({*TEXT}))))
    network = Tacotron2(config.network_sizes(AUDIO.n_mel_channels), len(frontend.symbols), 1)
    network.decoder.gate_layer.linear_layer.bias.data.fill_(-50)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "voice.ckpt"
        saved = description(config, frontend, AUDIO)
        checkpoint.write(path, {**saved, "state_dict": network.state_dict()})
        reader = Tacotron2Voice(path)
    synthesizer = Synthesizer(generator(preset), torch.device("cpu"))
    return Chain(reader, Speaker(AUDIO, synthesizer))


def said(spoken: Chain, growing: bool) -> tuple[float, float, float, float]:
    """Верни, когда зазвучало, когда кончилось, сколько звука и худший запас, секунд."""
    started, first, slack, sound = time.perf_counter(), 0.0, float("inf"), 0.0
    (phrase,) = spoken.phrases(TEXT)
    for piece in spoken.speak(phrase, Manner(), Work(), growing=growing):
        now = time.perf_counter() - started
        if first:
            slack = min(slack, first + sound - now)
        first = first or now
        sound += len(piece.samples) / piece.sampling_rate
    return first, time.perf_counter() - started, sound, slack


def main() -> None:
    """Разбери аргументы, измерь и напечатай таблицу."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--preset", default="v2", choices=("v1", "v2", "v3"))
    asked = parser.parse_args()
    if asked.threads:
        torch.set_num_threads(asked.threads)
    warnings.simplefilter("ignore", UserWarning)
    spoken = chain(asked.preset, asked.seconds)
    assert spoken.grows(Manner())
    list(spoken.speak(Phrase("дом.", 4), Manner(), Work(), growing=True))
    found: dict[bool, list[tuple[float, float, float, float]]] = {True: [], False: []}
    for _ in range(asked.rounds):
        for growing in found:
            found[growing].append(said(spoken, growing))
    print(f"cpu, {torch.get_num_threads()} threads, load {os.getloadavg()[0]:.1f}")
    print("| mel | first sample, s | first, best | all, s | sound, s | slack, s |")
    print("|---|---|---|---|---|---|")
    for growing, rows in found.items():
        first, whole, sound, slack = (statistics.median(column) for column in zip(*rows))
        best = min(row[0] for row in rows)
        name = "growing" if growing else "whole"
        print(f"| {name} | {first:.2f} | {best:.2f} | {whole:.2f} | {sound:.2f} | {slack:.2f} |")


if __name__ == "__main__":
    main()
