"""detecting: каждая раскладка узнаёт свою папку и не узнаёт чужой."""

from __future__ import annotations

from pathlib import Path

import pytest

from tts_framework.components import Layout
from tts_framework.errors import DataError
from tts_framework.plugins import Plugins
from tts_framework.speech.importing.detecting import detected

FILES = {
    "ljspeech": ["metadata.csv", "wavs/LJ001-0001.wav"],
    "vctk": ["wav48_silence_trimmed/p225/p225_001_mic1.flac", "txt/p225/p225_001.txt"],
    "common_voice": ["validated.tsv", "clips/common_voice_ru_1.mp3"],
    "kaldi": ["wav.scp", "text", "utt2spk"],
    "textgrid": ["anna/day.wav", "anna/day.TextGrid"],
    "festvox": ["etc/txt.done.data", "wav/en_1.wav", "lab/en_1.lab"],
    "mailabs": ["en_UK/by_book/female/anna/emma/metadata.csv"],
}


@pytest.fixture
def layouts() -> dict[str, type[Layout]]:
    plugins = Plugins()
    return {name: plugins.get("layout", name) for name in plugins.names("layout")}


def make(source: Path, *names: str) -> None:
    for name in names:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).touch()


def test_every_built_in_layout_has_a_sample_here(layouts: dict[str, type[Layout]]) -> None:
    assert set(FILES) <= set(layouts)
    assert all(layout.expects for layout in layouts.values())


@pytest.mark.parametrize("name", FILES)
def test_a_layout_knows_its_own_folder_alone(
    source: Path, layouts: dict[str, type[Layout]], name: str
) -> None:
    make(source, *FILES[name])
    assert detected(source, layouts) == name


def test_a_folder_of_two_layouts_is_asked_about(
    source: Path, layouts: dict[str, type[Layout]]
) -> None:
    make(source, *FILES["kaldi"], *FILES["festvox"])
    with pytest.raises(DataError, match="looks like festvox and kaldi; name one instead of 'auto'"):
        detected(source, layouts)


def test_an_unknown_folder_is_told_what_is_known(
    source: Path, layouts: dict[str, type[Layout]]
) -> None:
    with pytest.raises(DataError) as caught:
        detected(source, layouts)
    assert "no known layout" in str(caught.value)
    assert "ljspeech: metadata.csv and wavs/" in str(caught.value)
    with pytest.raises(DataError, match="no such folder"):
        detected(source / "nowhere", layouts)
