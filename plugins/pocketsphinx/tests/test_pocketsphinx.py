"""pocketsphinx слышит отдельные слова и не помнит прошлых клипов."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from tts_framework.errors import ConfigError
from tts_framework.speech.audio import resample
from tts_framework.speech.corpora.espeak import Espeak
from ttsf_pocketsphinx import PocketSphinx

README = Path(__file__).parents[1] / "README.md"
RATE = 16000


def speech(text: str) -> np.ndarray:
    samples, rate = Espeak("en-us", 140).synthesize(text)
    return resample(samples, rate, RATE)


@pytest.fixture(scope="module")
def sphinx() -> PocketSphinx:
    return PocketSphinx(PocketSphinx.Config())


def test_hears_words_with_times_and_confidence(sphinx: PocketSphinx) -> None:
    clip = speech("My brother plays the violin in a small orchestra.")
    (found,) = sphinx.transcribe([clip])
    assert found.text == " ".join(word.text for word in found.words) != ""
    assert {"my", "brother", "small"} <= set(found.text.split())
    assert all(0 <= word.start < word.end <= len(clip) / RATE + 0.02 for word in found.words)
    assert all(0 <= word.confidence <= 1 for word in found.words) and 0 < found.confidence <= 1
    assert not any("<" in word.text or "(" in word.text for word in found.words)


def test_what_was_heard_before_does_not_matter(sphinx: PocketSphinx) -> None:
    clips = [speech("My brother."), speech("Ten days.")]
    assert sphinx.transcribe(clips) == sphinx.transcribe(clips[::-1])[::-1]


@pytest.mark.parametrize("samples", [0, 1, 100])
def test_scraps_of_sound_have_no_words(sphinx: PocketSphinx, samples: int) -> None:
    (found,) = sphinx.transcribe([np.zeros(samples, np.float32)])
    assert (found.text, found.confidence) == ("", 0)


def test_another_language_needs_another_model() -> None:
    with pytest.raises(ValidationError, match="'ru' is not known to the packaged English-only"):
        PocketSphinx.Config(language="ru")
    with pytest.raises(ValidationError, match="dictionary and lm must be named together with hmm"):
        PocketSphinx.Config(language="ru", hmm=Path("ru"))


def test_an_unknown_model_path_is_named(tmp_path: Path) -> None:
    named = {"hmm": tmp_path / "hmm", "lm": tmp_path / "lm", "dictionary": tmp_path / "dict"}
    with pytest.raises(ConfigError) as caught:
        PocketSphinx(PocketSphinx.Config(language="ru", **named)).transcribe([np.zeros(RATE)])
    assert [line.split(":")[0] for line in caught.value.problems] == ["hmm", "lm", "dictionary"]


def test_a_broken_model_is_one_line(tmp_path: Path) -> None:
    for name in ("lm", "dict"):
        (tmp_path / name).write_text("nonsense")
    named = {"hmm": tmp_path, "lm": tmp_path / "lm", "dictionary": tmp_path / "dict"}
    with pytest.raises(ConfigError, match="does not load"):
        PocketSphinx(PocketSphinx.Config(language="ru", **named)).transcribe([np.zeros(RATE)])


def test_importing_the_front_imports_no_model_library() -> None:
    code = "import sys, ttsf_pocketsphinx; print({'pocketsphinx', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_readme_names_every_option() -> None:
    text = README.read_text("utf-8")
    assert all(f"| `{name}` |" in text for name in PocketSphinx.Config.model_fields)
