"""Голос по графам ONNX: onnxruntime и numpy, torch не импортируется."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tts_framework.components import Mel
from tts_framework.errors import CheckpointError, ConfigError
from tts_framework.speech import voice_folder
from ttsf_tacotron2.description import NAME
from ttsf_tacotron2.growing import Float, Growing
from ttsf_tacotron2.onnx_loop import Graphs, Shape, corrected, speak, steps
from ttsf_tacotron2.options import Tacotron2Options
from ttsf_tacotron2.speaker import Speaker, Take
from ttsf_tacotron2.spoken import Sentence
from ttsf_tacotron2.stopping import Progress
from ttsf_tacotron2.style_source import HEADS, TOKENS, StyleSource, no_style, token_weights


class OnnxVoice(Speaker):
    """Поднимает голос из папки с `voice.json`, которую пишет `ttsf models export`."""

    def __init__(self, path: Path, device: str = "cpu") -> None:
        folder = voice_folder.read(path, NAME)
        super().__init__(path / voice_folder.NAME, folder.contents)
        self._shape = shape_of(self.config, self.audio.n_mel_channels, self.reduction_factor)
        self._mean_style = _mean_style(path, folder.contents) if self.config.gst else None
        inputs = graph_inputs(self._shape)
        self._graphs = Graphs(
            *(folder.graph(name, inputs[name], device) for name in Graphs._fields)
        )

    def _style(self, source: StyleSource) -> Float | None:
        if source is None:
            return self._mean_style
        if self._mean_style is None:
            raise no_style()
        if isinstance(source, Path | str | Mel):
            raise ConfigError(
                ["style: an ONNX voice takes token weights; a recording needs the checkpoint"]
            )
        row = np.array(token_weights(source), np.float32)
        return np.ascontiguousarray(np.broadcast_to(row, (1, HEADS, TOKENS)))

    def _batch(
        self, takes: list[tuple[str, int]], codes: list[list[int]], style: Any
    ) -> list[Take]:
        return [
            self._one(text, seed, code, style)
            for (text, seed), code in zip(takes, codes, strict=True)
        ]

    def _one(self, text: str, seed: int, code: list[int], style: Float | None) -> Take:
        said = speak(self._graphs, self._shape, code, self._stopping([code]), seed, style)
        path = said.alignment
        score = self._measured(path, said.ended)
        return (
            Sentence(text, said.mel_post.shape[1], seed, said.ended, *score, path),
            said.mel_post,
        )

    def _growing(self, code: list[int], seed: int, style: Any) -> Growing:
        progress = Progress(self._stopping([code]), [len(code)])
        said = steps(self._graphs, self._shape, code, progress, seed, style)
        reach = self._shape.sizes.postnet_reach
        return Growing(said, partial(corrected, self._graphs), reach, progress)


def shape_of(config: Tacotron2Options, n_mels: int, reduction_factor: int) -> Shape:
    """Верни форму сети по её настройкам."""
    return Shape(
        config.network_sizes(n_mels),
        reduction_factor,
        config.attention == "dynamic",
        config.dropout_prenet,
    )


def graph_inputs(shape: Shape) -> dict[str, dict[str, tuple[int | None, ...]]]:
    """Назови входы каждого графа и их размеры; None - любая длина."""
    sizes = shape.sizes
    state: dict[str, tuple[int | None, ...]] = {
        name: (1, value.shape[1]) for name, value in shape.state(1).items()
    }
    return {
        "encoder": {"text": (1, None), "style": (1, HEADS, TOKENS)},
        "step": {
            **state,
            "frame": (1, sizes.n_mels * shape.reduction_factor),
            "keep": (2, 1, sizes.prenet_dim),
            "memory": (1, None, sizes.encoder_embedding_dim),
            "processed": (1, None, shape.processed),
            "weights": (1, None),
            "total": (1, None),
        },
        "postnet": {"mel": (1, sizes.n_mels, None)},
    }


def _mean_style(path: Path, contents: Mapping[str, Any]) -> Float:
    try:
        mean = np.array(contents.get("mean_style"), np.float32).reshape(1, HEADS, TOKENS)
    except (TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path / voice_folder.NAME}: mean_style is not {HEADS} rows of {TOKENS} weights;"
            " export the voice again"
        ) from error
    return mean
