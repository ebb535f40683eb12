"""Общее для тестов: крошечный корпус с метками и сессия узкой сети над ним."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tts_framework.components import Phone
from tts_framework.speech.audio import read_header
from tts_framework.speech.importing import labels
from tts_framework.speech.phones.labels import beside
from tts_framework.testing import sessions
from tts_framework.testing.corpus import TinyCorpus

NARROW = {
    "hidden_dim": 16,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "filter_dim": 32,
    "predictor_dim": 16,
    "aligner_dim": 8,
    "postnet_dim": 8,
}

one_thread = sessions.one_thread
cache, frontend = sessions.cache, sessions.frontend
context = sessions.context(n_mel_channels=20)
start = sessions.start(
    "fastspeech2",
    {
        "preset": "tiny",
        "sizes": NARROW,
        "durations": "labels",
        "warmup": 2,
        "learning_rate": 3e-3,
    },
)
written = sessions.written


@pytest.fixture(scope="session")
def corpus(tiny_corpus: TinyCorpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Копия крошечного корпуса, у каждой записи - метки ровных фонов."""
    folder = tmp_path_factory.mktemp("labelled") / "corpus"
    shutil.copytree(tiny_corpus.folder, folder)
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
