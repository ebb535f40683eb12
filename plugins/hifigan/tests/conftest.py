"""Общее для тестов: маленький корпус espeak-ng и сессия узких сетей над ним."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from tts_framework.components import AudioSettings, CorpusRequest, Session, TrainingContext
from tts_framework.plugins import Plugins
from ttsf_hifigan import Hifigan
from ttsf_hifigan.clips import AnyText

AUDIO = AudioSettings(
    sampling_rate=8000,
    filter_length=512,
    win_length=512,
    hop_length=128,
    n_mel_channels=40,
    mel_fmax=4000,
)
NARROW = {
    "upsample_rates": [8, 4, 4],
    "upsample_kernel_sizes": [16, 8, 8],
    "upsample_initial_channel": 32,
    "resblock_kernel_sizes": [3, 5],
    "resblock_dilation_sizes": [[1, 2], [2, 6]],
}
OPTIONS: dict[str, Any] = {
    "preset": "v3",
    "sizes": NARROW,
    "mpd_periods": [2, 3],
    "discriminator_width": 1 / 16,
    "segment_size": 1024,
    "validation_clips": 1,
    "validation_seconds": 1.0,
}

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


@pytest.fixture
def context(corpus: Path, cache: Path) -> TrainingContext:
    return TrainingContext(
        train=corpus / "train.csv",
        validation=corpus / "validation.csv",
        frontend=AnyText(AnyText.Config()),
        audio=AUDIO,
        batch_size=3,
        device="cpu",
        seed=7,
        cache=cache,
    )


@pytest.fixture
def start(context: TrainingContext) -> Iterator[StartSession]:
    """Начинай сессии узких сетей: `start(learning_rate=1e-2)`; закроются они сами."""
    sessions: list[Session] = []

    def begin(use: TrainingContext = context, /, **options: Any) -> Session:
        session = Hifigan.start(Hifigan.Config(**{**OPTIONS, **options}), use)
        sessions.append(session)
        return session

    yield begin
    for session in sessions:
        session.close()
