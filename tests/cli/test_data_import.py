"""`ttsf data import`: чужая раскладка одной командой; ошибки — одной строкой."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tts_framework.cli.data import app
from tts_framework.errors import ConfigError, DataError, PluginError
from tts_framework.speech.audio import write_wav

RUNNER = CliRunner()


def bring(*arguments: object) -> str:
    result = RUNNER.invoke(app, ["import", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def source(tmp_path: Path) -> Path:
    espeak = pytest.importorskip("tts_framework.speech.corpora.espeak")
    pytest.importorskip("espeakng_loader")
    samples, rate = espeak.Espeak("en", 220).synthesize("The boat is ready.")
    folder = tmp_path / "LJ"
    for number in (1, 2, 3):
        write_wav(folder / "wavs" / f"a-{number}.wav", samples, rate)
    (folder / "metadata.csv").write_text("a-1|One.\na-2|Two.\na-3|Three.\n")
    return folder


def test_brings_a_corpus_and_tells_what_to_do_next(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "corpus"
    output = bring("auto", source, "--out", out, "--rate", 16000, "--set", "speaker=anna")
    assert f"{source}: the layout is ljspeech" in output
    assert f"{out}: 3 clips, 0.0 min, 1 speaker(s), 16000 Hz" in output
    assert "resampled: 3 from 22050 Hz" in output
    assert f"next: ttsf data check {out}, then ttsf data split {out}" in output


def test_lists_what_was_left_out_and_repaired(source: Path, tmp_path: Path) -> None:
    (source / "metadata.csv").write_text("a-1|One.\n.a-2|Two.\na-9|Nine.\n")
    (source / "wavs" / "a-2.wav").rename(source / "wavs" / ".a-2.wav")
    output = bring("ljspeech", source, "--out", tmp_path / "corpus", "--skip-bad")
    assert "1 bad record(s) left out:" in output and "metadata.csv:3: " in output
    assert "repaired: " in output and "id '.a-2' is now 'a-2_" in output


def test_sounds_without_texts_are_sent_to_the_transcriber(source: Path, tmp_path: Path) -> None:
    (source / "wav.scp").write_text("a wavs/a-1.wav\n")
    output = bring("kaldi", source, "--out", tmp_path / "corpus")
    assert f"next: ttsf data transcribe {tmp_path / 'corpus'}" in output


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (["ljspech"], PluginError, "did you mean 'ljspeech'"),
        (["characters"], PluginError, "is a frontend, not a layout"),
        (["ljspeech", "--set", "speeker=x"], ConfigError, "did you mean 'speaker'"),
        (["vctk"], DataError, "is it VCTK"),
    ],
)
def test_a_mistake_is_one_line_with_the_way_out(
    source: Path, tmp_path: Path, arguments: list[str], error: type[Exception], message: str
) -> None:
    name, *options = arguments
    with pytest.raises(error, match=message):
        bring(name, source, "--out", tmp_path / "corpus", *options)
    assert not (tmp_path / "corpus").exists()
