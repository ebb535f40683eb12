"""Крошечный корпус для проверки плагинов: настоящая речь espeak-ng, а без него — тоны."""

from __future__ import annotations

import importlib.util
import math
import struct
import wave
from dataclasses import dataclass
from pathlib import Path

from tts_framework.options import AudioSettings

RATE = 8000
AUDIO = AudioSettings(
    sampling_rate=RATE,
    filter_length=512,
    win_length=512,
    hop_length=128,
    n_mel_channels=40,
    mel_fmax=4000,
)
CLIPS = 8
TEXTS = ("Мама мыла раму.", "Шла Саша по шоссе.", "Ехал грека через реку.", "Вот дом у реки.")


@dataclass(frozen=True)
class TinyCorpus:
    """Папка со списками `train.csv` и `validation.csv`; `spoken` — речь это или тоны."""

    folder: Path
    spoken: bool
    audio: AudioSettings = AUDIO

    @property
    def train(self) -> Path:
        """Обучающая выборка."""
        return self.folder / "train.csv"

    @property
    def validation(self) -> Path:
        """Проверочная выборка."""
        return self.folder / "validation.csv"

    @property
    def wavs(self) -> list[Path]:
        """Записи по порядку имён: моно, `audio.sampling_rate`."""
        return sorted((self.folder / "wavs").glob("*.wav"))

    def require_speech(self) -> None:
        """Пропусти тест, если записи — не речь."""
        import pytest

        if not self.spoken:
            pytest.skip("no speech here: pip install 'tts-framework[synthetic]'")


def make(folder: Path) -> TinyCorpus:
    """Собери корпус из восьми коротких клипов."""
    if importlib.util.find_spec("espeakng_loader") is None:
        _tones(folder)
        return TinyCorpus(folder, spoken=False)
    from tts_framework.components import CorpusRequest
    from tts_framework.plugins import Plugins

    plugin = Plugins().get("corpus", "synthetic")
    options = plugin.Config(sampling_rate=RATE, words_per_minute=300, max_seconds=2.5)
    plugin(options).fetch(CorpusRequest(folder, limit=CLIPS))
    return TinyCorpus(folder, spoken=True)


def _tones(folder: Path) -> None:
    (folder / "wavs").mkdir(parents=True)
    lines = []
    for number in range(CLIPS):
        name = f"wavs/tone_{number}.wav"
        samples = [math.sin(2 * math.pi * (150 + 40 * number) * i / RATE) for i in range(RATE)]
        with wave.open(str(folder / name), "wb") as file:
            file.setparams((1, 2, RATE, len(samples), "NONE", ""))
            file.writeframes(struct.pack(f"<{RATE}h", *(int(8000 * x) for x in samples)))
        lines.append(f"{name}|{TEXTS[number % len(TEXTS)]}\n")
    (folder / "train.csv").write_text("".join(lines[:-1]), encoding="utf-8")
    (folder / "validation.csv").write_text(lines[-1], encoding="utf-8")
