"""Синтез по графам: одна фраза, шаг за шагом; графом бывает и onnxruntime, и модуль torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tts_framework.speech.voice_folder import Run
from ttsf_tacotron2.growing import Float, Step
from ttsf_tacotron2.sizes import Sizes
from ttsf_tacotron2.stopping import Progress, Stopping

STATE = ("weights", "total", "context", "hidden_one", "cell_one", "hidden_two", "cell_two")
STEP_INPUTS = ("frame", "keep", "memory", "processed", *STATE)
STEP_OUTPUTS = ("frames", "gate", *(f"new_{name}" for name in STATE))
ENCODER_OUTPUTS = ("memory", "processed")

_MASK_STEPS = 64
_LEVELS = 1 << 16


class Graphs(NamedTuple):
    """Три графа модели."""

    encoder: Run
    step: Run
    postnet: Run


@dataclass(frozen=True)
class Shape:
    """Что нужно знать о сети сверх графов."""

    sizes: Sizes
    reduction_factor: int
    dynamic: bool
    dropout_prenet: float

    @property
    def processed(self) -> int:
        """Ширина проекции памяти; динамическому вниманию она не нужна."""
        return 1 if self.dynamic else self.sizes.attention_dim

    def state(self, symbols: int) -> dict[str, Float]:
        """Состояние до первого шага."""
        sizes, zeros = self.sizes, lambda width: np.zeros((1, width), np.float32)
        weights = zeros(symbols)
        weights[0, 0] = float(self.dynamic)
        return {
            "weights": weights,
            "total": zeros(symbols),
            "context": zeros(sizes.encoder_embedding_dim),
            "hidden_one": zeros(sizes.attention_rnn_dim),
            "cell_one": zeros(sizes.attention_rnn_dim),
            "hidden_two": zeros(sizes.decoder_rnn_dim),
            "cell_two": zeros(sizes.decoder_rnn_dim),
        }


class Spoken(NamedTuple):
    """Одна фраза."""

    mel: Float  # [n_mels, T], до postnet
    mel_post: Float  # [n_mels, T]
    alignment: Float  # [S, T_in]
    ended: str


def speak(
    graphs: Graphs,
    shape: Shape,
    codes: list[int],
    stopping: Stopping,
    seed: int,
    style: Float | None,
) -> Spoken:
    """Скажи фразу; `style [1, головы, токены]` - только у модели с GST."""
    progress = Progress(stopping, [len(codes)])
    frames, alignment = zip(*steps(graphs, shape, codes, progress, seed, style), strict=True)
    mel = np.ascontiguousarray(np.concatenate(frames).T)
    return Spoken(mel, corrected(graphs, mel), np.stack(alignment), progress.reasons[0])


def steps(
    graphs: Graphs,
    shape: Shape,
    codes: list[int],
    progress: Progress,
    seed: int,
    style: Float | None,
) -> Iterator[Step]:
    """Отдавай кадры и внимание шаг за шагом, пока фраза не кончится; шаги учтены в `progress`."""
    text = {"text": np.array([codes], np.int64)}
    encoded = graphs.encoder(text if style is None else {**text, "style": style})
    state, masks = shape.state(len(codes)), prenet_masks(shape, seed)
    frame = np.zeros((1, shape.sizes.n_mels * shape.reduction_factor), np.float32)
    while progress.running[0]:
        found = graphs.step({**encoded, **state, "frame": frame, "keep": next(masks)})
        frame, state = found["frames"], {name: found[f"new_{name}"] for name in STATE}
        weights = state["weights"][0]
        progress.note([float(found["gate"][0, 0])], [int(weights.argmax())])
        yield frame.reshape(-1, shape.sizes.n_mels), weights


def corrected(graphs: Graphs, mel: Float) -> Float:
    """Добавь к мел декодера `[n_mels, T]` поправку postnet."""
    return graphs.postnet({"mel": mel[None]})["mel_post"][0]


def prenet_masks(shape: Shape, seed: int) -> Iterator[Float]:
    """Множители dropout обоих слоёв prenet для каждого шага, `[2, 1, P]`; зависят только от `seed`.

    Закон тот же, что в `dropping`; случайность - numpy, поэтому голос с тем же зерном иной.
    """
    width, probability = shape.sizes.prenet_dim, shape.dropout_prenet
    if probability <= 0:
        while True:
            yield np.ones((2, 1, width), np.float32)
    random = np.random.default_rng(seed % 2**63)
    level = max(1, min(round((1.0 - probability) * _LEVELS), _LEVELS - 1))
    while True:
        drawn = random.integers(0, _LEVELS, (_MASK_STEPS, 2, 1, width), np.uint16)
        yield from (drawn < level) * np.float32(_LEVELS / level)
