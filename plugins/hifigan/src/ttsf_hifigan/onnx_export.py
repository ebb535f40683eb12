"""Чекпоинт -> папка с графом генератора, сверенным с torch отсчёт за отсчётом."""

from __future__ import annotations

import tempfile
from pathlib import Path

import torch

from tts_framework.components import Exported
from tts_framework.speech import voice_folder
from tts_framework.training.onnx_graphs import (
    OPSET,
    agreement,
    exported,
    require_agreement,
    torch_run,
)
from ttsf_hifigan.description import NAME, description
from ttsf_hifigan.normed import fold
from ttsf_hifigan.onnx_voice import GRAPH
from ttsf_hifigan.voice import opened

LENGTHS = (3, 50)
"""Кадров в mel, на которых граф сверяется."""


def export(checkpoint: Path, folder: Path) -> Exported:
    """Запиши голос в папку и скажи, насколько граф согласен с torch.

    Raises:
        CheckpointError: чекпоинт не от HiFi-GAN, или граф считает не то же, что torch;
        ConfigError: нет onnx, onnxscript или onnxruntime.
    """
    config, audio, generator = opened(checkpoint)
    fold(generator)
    generator.eval().requires_grad_(False)
    bands = audio.n_mel_channels
    graph = exported(generator, {"mel": torch.rand(1, bands, 7)}, ("audio",), {"mel": 2})
    described = {
        **description(config, audio),
        "audio_fingerprint": audio.fingerprint,
        "opset": OPSET,
    }
    ours = torch_run(generator, ("mel",), ("audio",))
    with tempfile.TemporaryDirectory() as name:
        voice_folder.write(Path(name), NAME, described, {GRAPH: graph})
        theirs = voice_folder.read(Path(name)).graph(GRAPH, {"mel": (1, bands, None)}, "cpu")
    random = torch.Generator().manual_seed(0)
    pairs = []
    for length in LENGTHS:
        feeds = {"mel": torch.randn(1, bands, length, generator=random).numpy()}
        pairs.append(agreement(ours(feeds)["audio"], theirs(feeds)["audio"]))
    worst = require_agreement(f"{GRAPH}.onnx", min(pairs, key=lambda pair: pair.snr_db))
    described["checked"] = {GRAPH: worst.summary()}
    written = voice_folder.write(folder, NAME, described, {GRAPH: graph})
    return Exported(tuple(written), (f"{GRAPH}: {worst}",))
