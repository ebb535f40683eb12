"""synthetic: любое число предложений с известным текстом, одно зерно — один корпус."""

from __future__ import annotations

import random
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tts_framework.builtin.russian_letters import RussianLetters
from tts_framework.components import CorpusRequest
from tts_framework.errors import DataError
from tts_framework.options import AudioSettings
from tts_framework.speech.audio import read_header
from tts_framework.speech.corpora import synthetic
from tts_framework.speech.corpora.options import SyntheticOptions
from tts_framework.speech.filelist import load

pytest.importorskip("espeakng_loader")


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_the_corpus_passes_every_check_of_a_training(spoken: Path) -> None:
    audio, frontend = AudioSettings(sampling_rate=16000), RussianLetters(RussianLetters.Config())
    train = load(spoken / "train.csv", frontend, audio)
    validation = load(spoken / "validation.csv", frontend, audio)
    assert len(train) + len(validation) == 6
    assert all(read_header(clip.path).seconds > 1 for clip in train + validation)


def test_one_seed_is_one_corpus_byte_for_byte(spoken: Path, tmp_path: Path) -> None:
    synthetic.fetch(SyntheticOptions(), CorpusRequest(tmp_path / "same", limit=6))
    synthetic.fetch(SyntheticOptions(), CorpusRequest(tmp_path / "other", limit=6, seed=7))
    assert contents(tmp_path / "same") == contents(spoken)
    assert contents(tmp_path / "other") != contents(spoken)


def test_an_interrupted_synthesis_does_not_read_ready_sentences_again(tmp_path: Path) -> None:
    dest = tmp_path / "corpus"

    def interrupt(done: int, total: int, what: str) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synthetic.fetch(SyntheticOptions(), CorpusRequest(dest, limit=4, progress=interrupt))
    ready = {path: path.stat().st_mtime_ns for path in (dest / ".incoming").iterdir()}
    assert len(ready) == 3
    synthetic.fetch(SyntheticOptions(), CorpusRequest(dest, limit=4))
    moved = {path.name: path.stat().st_mtime_ns for path in (dest / "wavs").iterdir()}
    assert all(moved[path.name] == when for path, when in ready.items())


def test_killed_at_any_instant_it_is_either_absent_or_whole(spoken: Path, tmp_path: Path) -> None:
    dest = tmp_path / "corpus"
    code = "from tts_framework.cli.data import app; app()"
    command = [sys.executable, "-c", code, "get", "synthetic", "--dest", str(dest), "--limit", "6"]
    generator = random.Random(5)
    for _ in range(4):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with suppress(subprocess.TimeoutExpired):
            process.wait(generator.uniform(0.4, 1.2))
        process.kill()
        process.wait()
        if (dest / "train.csv").exists():
            assert len((dest / "train.csv").read_text("utf-8").splitlines()) == 5
            assert len(list((dest / "wavs").glob("*.wav"))) == 6
    subprocess.run(command, check=True, capture_output=True)
    assert contents(dest) == contents(spoken)


def test_a_larger_corpus_keeps_the_smaller_one(spoken: Path, tmp_path: Path) -> None:
    dest = tmp_path / "corpus"
    synthetic.fetch(SyntheticOptions(), CorpusRequest(dest, limit=2))
    before = {path: path.stat().st_mtime_ns for path in (dest / "wavs").iterdir()}
    synthetic.fetch(SyntheticOptions(), CorpusRequest(dest, limit=6))
    assert all(path.stat().st_mtime_ns == when for path, when in before.items())
    assert contents(dest) == contents(spoken)


def test_a_damaged_recording_is_read_again(spoken: Path, tmp_path: Path) -> None:
    dest = tmp_path / "corpus"
    synthetic.fetch(SyntheticOptions(), CorpusRequest(dest, limit=6))
    (dest / "wavs" / "syn_00002.wav").unlink()
    (dest / "wavs" / "syn_00003.wav").write_bytes(b"RIFF")
    synthetic.fetch(SyntheticOptions(), CorpusRequest(dest, limit=6))
    assert contents(dest) == contents(spoken)


def test_short_clips_are_found_when_only_short_ones_are_wanted(tmp_path: Path) -> None:
    options = SyntheticOptions(max_seconds=3.0, sampling_rate=22050)
    synthetic.fetch(options, CorpusRequest(tmp_path / "short", limit=3))
    headers = [read_header(wav) for wav in (tmp_path / "short" / "wavs").iterdir()]
    assert len(headers) == 3
    assert all(header.seconds <= 3 and header.sampling_rate == 22050 for header in headers)


def test_an_impossible_length_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="0 clip.*max_seconds 0.1; at least 2 are needed"):
        synthetic.fetch(SyntheticOptions(max_seconds=0.1), CorpusRequest(tmp_path / "c", limit=2))


def test_without_its_package_the_extra_to_install_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    with pytest.raises(DataError, match=r"pip install 'tts-framework\[synthetic\]'"):
        synthetic.fetch(SyntheticOptions(), CorpusRequest(tmp_path / "corpus", limit=2))
