"""`ttsf data segment`: одна команда от записей до клипов; коды завершения и сообщения."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

from tts_framework.cli.data import app
from tts_framework.errors import ConfigError, DataError, PluginError
from tts_framework.plugins import Plugins
from tts_framework.speech.corpora import table

RUNNER = CliRunner()
RATE = 16000


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Верни папку с записью из пяти «фраз» — гудков с паузами в шуме."""
    rng = np.random.default_rng(0)
    time = np.arange(3 * RATE) / RATE
    voice = sum(np.sin(2 * np.pi * 140 * n * time) / n for n in range(1, 20)) * 0.1
    samples = np.concatenate([np.zeros(2 * RATE), voice] * 5 + [np.zeros(2 * RATE)])
    folder = tmp_path / "raw"
    folder.mkdir()
    noise = rng.standard_normal(len(samples)) * 1e-4
    soundfile.write(folder / "take.wav", samples + noise, RATE)
    return folder


def run(*arguments: object) -> Result:
    texts = ["segment", *map(str, arguments), "--detector", "energy", "--workers", "1"]
    return RUNNER.invoke(app, texts, catch_exceptions=False)


def test_segments_and_tells_what_to_do_next(tmp_path: Path, raw: Path) -> None:
    out = tmp_path / "corpus"
    result = run(raw, "--out", out)
    assert result.exit_code == 0, result.output
    assert f"{out}: 5 clips, 0.3 min of 0.5 min, from 1 recording(s)" in result.output
    assert "note: 1 recording(s) are below 22050 Hz" in result.output
    assert f"next: ttsf data transcribe {out}" in result.output
    assert len(table.read(out)) == 5
    assert "1 recording(s) were ready before" in run(raw, "--out", out).output


def test_one_recording_may_be_given_instead_of_a_folder(tmp_path: Path, raw: Path) -> None:
    assert run(raw / "take.wav", "--out", tmp_path / "corpus").exit_code == 0
    assert len(table.read(tmp_path / "corpus")) == 5


def test_options_reach_the_clips(tmp_path: Path, raw: Path) -> None:
    out = tmp_path / "corpus"
    options = ["--rate", 8000, "--margin", 0, "--loudness", -30, "--set", "share=0.4"]
    assert run(raw, "--out", out, *options).exit_code == 0
    info = soundfile.info(table.wav(out, table.read(out)[0].id))
    assert info.samplerate == 8000 and info.duration == pytest.approx(3, abs=0.15)


def test_a_bad_file_is_an_error_after_the_rest_is_done(tmp_path: Path, raw: Path) -> None:
    out = tmp_path / "corpus"
    (raw / "bad.wav").write_bytes(b"")
    with pytest.raises(DataError) as caught:
        run(raw, "--out", out)
    assert caught.value.exit_code == 2
    assert caught.value.problems == [
        f"{raw / 'bad.wav'}: empty file; record it again or remove it",
        f"{raw}: 1 bad, the rest is segmented; fix them or add --skip-bad",
    ]
    assert len(table.read(out)) == 5


def test_skip_bad_leaves_the_bad_out_and_succeeds(tmp_path: Path, raw: Path) -> None:
    (raw / "bad.wav").write_bytes(b"")
    result = run(raw, "--out", tmp_path / "corpus", "--skip-bad")
    assert result.exit_code == 0
    assert f"left out: {raw / 'bad.wav'}: empty file" in result.stderr


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (["--rate", 100], ConfigError, "--rate: 100 is below 4000; use 4000 or more"),
        (["--min-seconds", 8], ConfigError, "max_seconds 12 is below twice min_seconds 8"),
        (["--max-seconds", 60], ConfigError, "--max-seconds: 60.0 is above 30"),
        (["--max-pause", 0.1], ConfigError, "max_pause 0.1 is below min_pause 0.2; swap them"),
        (["--set", "shar=1"], ConfigError, "did you mean 'share'"),
        (["--detector", "enrgy"], PluginError, "did you mean 'energy'"),
    ],
)
def test_wrong_options_are_refused_before_any_work(
    tmp_path: Path, raw: Path, options: list[object], error: type[Exception], message: str
) -> None:
    out = tmp_path / "corpus"
    texts = ["segment", str(raw), "--out", str(out), "--detector", "energy", *map(str, options)]
    with pytest.raises(error, match=message):
        RUNNER.invoke(app, texts, catch_exceptions=False)
    assert not out.exists()


def test_without_silero_the_message_names_its_package(
    tmp_path: Path, raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Plugins, "names", lambda self, kind=None: ["energy"])
    with pytest.raises(PluginError, match="--detector silero: .*pip install ttsf-silero-vad"):
        RUNNER.invoke(
            app, ["segment", str(raw), "--out", str(tmp_path / "c")], catch_exceptions=False
        )
