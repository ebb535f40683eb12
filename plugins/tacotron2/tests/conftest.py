"""Общее для тестов: маленький корпус espeak-ng и сессия над ним."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from tts_framework.components import (
    AudioSettings,
    CorpusRequest,
    Frontend,
    Session,
    TrainingContext,
)
from tts_framework.plugins import Plugins
from ttsf_tacotron2 import Tacotron2

AUDIO = AudioSettings(
    sampling_rate=8000,
    filter_length=512,
    win_length=512,
    hop_length=160,
    n_mel_channels=20,
    mel_fmax=4000,
)
NARROW = {
    "symbols_embedding_dim": 16,
    "encoder_embedding_dim": 16,
    "encoder_n_convolutions": 1,
    "attention_rnn_dim": 16,
    "decoder_rnn_dim": 16,
    "prenet_dim": 8,
    "attention_dim": 8,
    "attention_location_n_filters": 4,
    "attention_location_kernel_size": 7,
    "postnet_embedding_dim": 8,
    "postnet_n_convolutions": 2,
}
OPTIONS: dict[str, Any] = {"preset": "tiny", "sizes": NARROW, "reduction_factor": 4}

StartSession = Callable[..., Session]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Не дели ядра с соседними тестами: узкой сети потоки только мешают."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Семь обучающих и одна проверочная фраза, прочитанные espeak-ng."""
    folder = tmp_path_factory.mktemp("corpora") / "synthetic"
    plugin = Plugins().get("corpus", "synthetic")
    options = plugin.Config(sampling_rate=8000, words_per_minute=300, max_seconds=2.5)
    plugin(options).fetch(CorpusRequest(folder, limit=8))
    return folder


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def frontend() -> Frontend:
    plugin = Plugins().get("frontend", "russian_letters")
    made: Frontend = plugin(plugin.Config())
    return made


@pytest.fixture
def context(corpus: Path, cache: Path, frontend: Frontend) -> TrainingContext:
    return TrainingContext(
        train=corpus / "train.csv",
        validation=corpus / "validation.csv",
        frontend=frontend,
        audio=AUDIO,
        batch_size=3,
        device="cpu",
        seed=7,
        cache=cache,
    )


@pytest.fixture
def start(context: TrainingContext) -> Iterator[StartSession]:
    """Начинай сессии узкой сети: `start(learning_rate=1e-2)`; закроются они сами."""
    sessions: list[Session] = []

    def begin(use: TrainingContext = context, /, **options: Any) -> Session:
        session = Tacotron2.start(Tacotron2.Config(**{**OPTIONS, **options}), use)
        sessions.append(session)
        return session

    yield begin
    for session in sessions:
        session.close()
