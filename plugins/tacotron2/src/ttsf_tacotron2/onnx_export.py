"""Чекпоинт -> папка с графами ONNX, сверенными с torch отсчёт за отсчётом."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tts_framework.components import Exported
from tts_framework.speech import voice_folder
from tts_framework.speech.voice_folder import Run, VoiceFolder
from tts_framework.training.onnx_graphs import (
    OPSET,
    Agreement,
    agreement,
    exported,
    require_agreement,
    torch_run,
)
from ttsf_tacotron2.description import NAME, description
from ttsf_tacotron2.network import Tacotron2
from ttsf_tacotron2.onnx_graphs import EncoderGraph, PostnetGraph, StepGraph
from ttsf_tacotron2.onnx_loop import (
    ENCODER_OUTPUTS,
    STEP_INPUTS,
    STEP_OUTPUTS,
    Graphs,
    Shape,
    Spoken,
    speak,
)
from ttsf_tacotron2.onnx_voice import graph_inputs, shape_of
from ttsf_tacotron2.stopping import Stopping
from ttsf_tacotron2.style_source import HEADS, TOKENS
from ttsf_tacotron2.voice import Tacotron2Voice

LENGTHS = (5, 23)
STEPS = 40
"""Шагов сверки: столько раз декодер слышит сам себя."""
LEAST_SPOKEN_SNR = 45.0
"""У фразы, которая слышит себя, округление накапливается."""

Placed = dict[str, tuple[nn.Module, tuple[str, ...], tuple[str, ...]]]


def export(checkpoint: Path, folder: Path) -> Exported:
    """Запиши голос в папку и скажи, насколько каждый граф согласен с torch.

    Raises:
        CheckpointError: чекпоинт не голос, или граф считает не то же, что torch;
        ConfigError: нет onnx, onnxscript или onnxruntime.
    """
    voice = Tacotron2Voice(checkpoint)
    network = voice.network
    shape = shape_of(voice.config, voice.audio.n_mel_channels, voice.reduction_factor)
    modules = _modules(network)
    graphs = {
        name: exported(module, _samples(shape, name, names), outputs, _dynamic(shape, name, names))
        for name, (module, names, outputs) in modules.items()
    }
    described = _described(voice)
    runs = _opened(graphs, shape)
    found = _checked(modules, runs, shape, network)
    described["checked"] = {name: value.summary() for name, value in found.items()}
    written = voice_folder.write(folder, NAME, described, graphs)
    return Exported(tuple(written), tuple(f"{name}: {value}" for name, value in found.items()))


def _modules(network: Tacotron2) -> Placed:
    text = ("text",) if network.gst is None else ("text", "style")
    return {
        "encoder": (EncoderGraph(network).eval(), text, ENCODER_OUTPUTS),
        "step": (StepGraph(network).eval(), STEP_INPUTS, STEP_OUTPUTS),
        "postnet": (PostnetGraph(network).eval(), ("mel",), ("mel_post",)),
    }


def _samples(shape: Shape, name: str, names: tuple[str, ...]) -> dict[str, Tensor]:
    """Образцы входов: по ним экспортёр проходит модуль."""
    sizes = graph_inputs(shape)[name]
    return {
        key: (
            torch.ones(1, 7, dtype=torch.int64)
            if key == "text"
            else torch.rand([7 if size is None else size for size in sizes[key]])
        )
        for key in names
    }


def _dynamic(shape: Shape, name: str, names: tuple[str, ...]) -> dict[str, int]:
    sizes = graph_inputs(shape)[name]
    return {key: sizes[key].index(None) for key in names if None in sizes[key]}


def _described(voice: Tacotron2Voice) -> dict[str, Any]:
    network = voice.network
    described: dict[str, Any] = {
        **description(voice.config, voice.frontend, voice.audio),
        "reduction_factor": voice.reduction_factor,
        "audio_fingerprint": voice.audio.fingerprint,
        "symbols_sha256": voice.frontend.symbols_sha256,
        "opset": OPSET,
    }
    if math.isfinite(voice.slowest_pace):
        described["frames_per_symbol"] = voice.slowest_pace
    if network.gst is not None:
        described["mean_style"] = network.gst.attention.mean_weights.tolist()
    return described


def _opened(graphs: Mapping[str, bytes], shape: Shape) -> Graphs:
    """Открой графы так же, как откроет их голос, но ещё из временной папки."""
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        voice_folder.write(Path(name), NAME, {}, graphs)
        folder: VoiceFolder = voice_folder.read(Path(name), NAME)
        inputs = graph_inputs(shape)
        return Graphs(*(folder.graph(key, inputs[key], "cpu") for key in Graphs._fields))


def _checked(
    modules: Placed, runs: Graphs, shape: Shape, network: Tacotron2
) -> dict[str, Agreement]:
    """Сверь каждый граф на двух длинах и целую фразу, где декодер слышит сам себя."""
    own = Graphs(*(torch_run(*modules[name]) for name in Graphs._fields))
    random = torch.Generator().manual_seed(0)
    found: dict[str, Agreement] = {}
    for name in Graphs._fields:
        pairs = [
            _worst(getattr(own, name), getattr(runs, name), feeds)
            for feeds in _feeds(shape, name, modules[name][1], network, random)
        ]
        worst = min(pairs, key=lambda pair: pair.snr_db)
        found[name] = require_agreement(f"{name}.onnx", worst)
    ours, theirs = (_phrase(graphs, shape, network) for graphs in (own, runs))
    spoken = agreement(ours.mel_post, theirs.mel_post)
    found["spoken"] = require_agreement(f"{STEPS} steps", spoken, LEAST_SPOKEN_SNR)
    return found


def _feeds(
    shape: Shape, name: str, names: tuple[str, ...], network: Tacotron2, random: torch.Generator
) -> list[dict[str, Any]]:
    symbols = network.embedding.num_embeddings
    made = []
    for length in LENGTHS:
        feeds = {}
        for key in names:
            size = [length if axis is None else axis for axis in graph_inputs(shape)[name][key]]
            if key == "text":
                feeds[key] = torch.randint(0, symbols, size, generator=random).numpy()
            else:
                feeds[key] = torch.rand(size, generator=random).numpy()
        made.append(feeds)
    return made


def _worst(own: Run, found: Run, feeds: Mapping[str, Any]) -> Agreement:
    ours, theirs = own(feeds), found(feeds)
    return min((agreement(ours[key], theirs[key]) for key in ours), key=lambda pair: pair.snr_db)


def _phrase(graphs: Graphs, shape: Shape, network: Tacotron2) -> Spoken:
    codes = [1 + n % (network.embedding.num_embeddings - 1) for n in range(LENGTHS[-1])]
    style = None
    if network.gst is not None:
        style = network.gst.attention.mean_weights.reshape(1, HEADS, TOKENS).numpy()
    return speak(graphs, shape, codes, Stopping([STEPS], gate_threshold=1.0), 0, style)
