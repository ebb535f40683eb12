"""Общее: клипы espeak-ng, обученный на них распознаватель и голос, который говорит как они."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tts_framework.components import Frontend, Sound, Voice
from tts_framework.errors import ExitCode
from tts_framework.plugins import Plugins
from tts_framework.speech.audio import write_wav

WORDS = ("дом", "река", "окно", "море", "лес", "поле", "снег", "зима")
RATE = 22050


class EspeakVoice(Voice):
    """Настоящий синтезатор: читает текст сам, mel и внимания у него нет."""

    maps = ("text", "audio")

    def __init__(self, words_per_minute: int = 160) -> None:
        from tts_framework.speech.corpora.espeak import Espeak

        self._espeak = Espeak("ru", words_per_minute)

    def __call__(self, source: str, *, seed: int = 0) -> Sound:
        samples, rate = self._espeak.synthesize(source)
        return Sound("speech", samples, rate)


@pytest.fixture(scope="session")
def espeak() -> Callable[..., Voice]:
    pytest.importorskip("espeakng_loader")
    return EspeakVoice


@pytest.fixture(scope="session")
def russian() -> Frontend:
    plugin = Plugins().get("frontend", "russian_letters")
    return plugin(plugin.Config())


@pytest.fixture(scope="session")
def spoken(espeak: Callable[..., Voice], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Папка с `train.csv` (12 клипов) и `test.csv` (3 из них)."""
    folder, voice = tmp_path_factory.mktemp("spoken"), espeak()
    rng = random.Random(0)
    rows = []
    for number in range(12):
        text = " ".join(rng.sample(WORDS, 2))
        sound = voice(text)
        write_wav(folder / "wavs" / f"{number}.wav", sound.samples, sound.sampling_rate)
        rows.append(f"wavs/{number}.wav|{text}\n")
    (folder / "train.csv").write_text("".join(rows))
    (folder / "test.csv").write_text("".join(rows[:3]))
    return folder


@pytest.fixture(scope="session")
def train_recognizer(russian: Frontend) -> Callable[..., tuple[ExitCode, str]]:
    """Обучи маленький распознаватель: код завершения и всё сказанное человеку."""
    from tts_framework.evaluation.recognizer.options import RecognizerOptions
    from tts_framework.evaluation.recognizer.start import Request, train
    from tts_framework.training.screen import Screen
    from tts_framework.training.stop_request import StopRequest

    def run(
        corpus: Path, out: Path, *, stop: StopRequest | None = None, **options: Any
    ) -> tuple[ExitCode, str]:
        stream = io.StringIO()
        sizes = {"channels": 64, "blocks": 0, "hidden": 64, "layers": 1, "batch_size": 4}
        lists = (corpus / "train.csv", corpus / "train.csv")
        request = Request(
            *lists, out, russian, RecognizerOptions(**(sizes | options)), device="cpu"
        )
        asked = StopRequest() if stop is None else stop  # просьба, которой ещё нет, ложна
        return train(request, Screen(stream), asked), stream.getvalue()

    return run


@pytest.fixture(scope="session")
def recognizer(
    spoken: Path, train_recognizer: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Распознаватель, выучивший клипы `spoken`."""
    out = tmp_path_factory.mktemp("recognizer")
    train_recognizer(spoken, out, dropout=0.0, epochs=30, evaluations=3, learning_rate=5e-3)
    return out
