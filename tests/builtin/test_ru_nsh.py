"""ru-nsh: настоящий пакет настоящей сетью — там, где apt-get до него дотягивается."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tts_framework.builtin.ru_nsh import RuNsh
from tts_framework.builtin.russian_letters import RussianLetters
from tts_framework.components import CorpusRequest
from tts_framework.options import AudioSettings
from tts_framework.plugins import Plugins
from tts_framework.speech.filelist import load


def test_is_found_by_its_name() -> None:
    assert Plugins().get("corpus", "ru-nsh").__name__ == "RuNsh"


@pytest.fixture
def reachable() -> None:
    """Пропусти тест, если пакета не достать; .deb остаётся в кэше пользователя."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        pytest.skip("apt-get and dpkg-deb are not installed")
    from tts_framework.speech.corpora.download import cache_folder

    if not list(cache_folder().glob("festvox-ru_*.deb")):
        answer = subprocess.run(
            ["apt-get", "--print-uris", "download", "festvox-ru"],
            capture_output=True,
            timeout=60,
            check=False,
        )
        if answer.returncode:
            pytest.skip("apt-get does not know festvox-ru here")


@pytest.mark.slow
def test_the_published_voice_becomes_a_corpus_without_one_bad_clip(
    tmp_path: Path, reachable: None
) -> None:
    dest = tmp_path / "ru_nsh"
    RuNsh(RuNsh.Config(max_seconds=10)).fetch(CorpusRequest(dest, limit=80))
    audio, frontend = AudioSettings(sampling_rate=16000), RussianLetters(RussianLetters.Config())
    train = load(dest / "train.csv", frontend, audio)
    validation = load(dest / "validation.csv", frontend, audio)
    assert (len(train), len(validation)) == (72, 8)
    assert len(list((dest / "labels").glob("*.lab"))) == 80
    assert "Nickolay V. Shmyrev" in (dest / "LICENSE").read_text("utf-8")
