"""Общее для тестов: маленький корпус espeak-ng с метками и сессия над ним."""

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
    Phone,
    Session,
    TrainingContext,
)
from tts_framework.plugins import Plugins
from tts_framework.speech.audio import read_header
from tts_framework.speech.importing import labels
from tts_framework.speech.phones.labels import beside
from ttsf_fastspeech2 import FastSpeech2

AUDIO = AudioSettings(
    sampling_rate=8000,
    filter_length=512,
    win_length=512,
    hop_length=128,
    n_mel_channels=20,
    mel_fmax=4000,
)
NARROW = {
    "hidden_dim": 16,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "filter_dim": 32,
    "predictor_dim": 16,
    "aligner_dim": 8,
    "postnet_dim": 8,
}
OPTIONS: dict[str, Any] = {
    "preset": "tiny",
    "sizes": NARROW,
    "durations": "labels",
    "warmup": 2,
    "learning_rate": 3e-3,
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
    """Семь обучающих и одна проверочная фраза espeak-ng; у каждой - метки ровных фонов."""
    folder = tmp_path_factory.mktemp("corpora") / "synthetic"
    plugin = Plugins().get("corpus", "synthetic")
    options = plugin.Config(sampling_rate=8000, words_per_minute=300, max_seconds=2.5)
    plugin(options).fetch(CorpusRequest(folder, limit=8))
    for name in ("train.csv", "validation.csv"):
        for line in (folder / name).read_text("utf-8").splitlines():
            wav, text = line.split("|")
            write_labels(folder / wav, text)
    return folder


def write_labels(wav: Path, text: str, silence: float = 0.05) -> None:
    """Раздай буквам ровное время между тишиной по краям."""
    letters = [char for char in text.lower() if char.isalpha()]
    seconds = read_header(wav).seconds
    step = (seconds - 2 * silence) / len(letters)
    phones = [
        Phone(letter, silence + place * step, silence + (place + 1) * step)
        for place, letter in enumerate(letters)
    ]
    path = beside(wav)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(labels.text(phones, seconds), "utf-8")


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
        session = FastSpeech2.start(FastSpeech2.Config(**{**OPTIONS, **options}), use)
        sessions.append(session)
        return session

    yield begin
    for session in sessions:
        session.close()
