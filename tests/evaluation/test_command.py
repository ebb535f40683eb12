"""`ttsf evaluate` целиком: чекпоинт Tacotron 2, Griffin-Lim, распознаватель."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from tts_framework.cli.main import app
from tts_framework.components import AudioSettings
from tts_framework.errors import ExitCode, TTSFError
from tts_framework.evaluation import document, measuring, run, speaking
from tts_framework.plugins import Plugins
from tts_framework.training import checkpoint

pytest.importorskip("ttsf_tacotron2", reason="a voice is needed")
AUDIO = AudioSettings(n_mel_channels=20)


@pytest.fixture(scope="module")
def ckpt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Необученная сеть: сама не останавливается, внимание стоит на месте."""
    import torch

    from ttsf_tacotron2 import state
    from ttsf_tacotron2.network import Tacotron2
    from ttsf_tacotron2.options import Tacotron2Options

    plugin = Plugins().get("frontend", "russian_letters")
    frontend = plugin(plugin.Config())
    config = Tacotron2Options(
        preset="tiny", reduction_factor=2, max_decoder_steps=30, attention_patience=0
    )
    torch.manual_seed(0)
    network = Tacotron2(config.network_sizes(20), len(frontend.symbols), 2)
    torch.nn.init.constant_(network.decoder.gate_layer.linear_layer.bias, -50)
    path = tmp_path_factory.mktemp("voice") / "best_model.ckpt"
    checkpoint.write(
        path, {"state_dict": network.state_dict(), **state.description(config, frontend, AUDIO)}
    )
    return path


def call(*arguments: object) -> Result:
    options = ["evaluate", *map(str, arguments), "--iterations", "2"]
    return CliRunner().invoke(app, options, env={"COLUMNS": "160"})


def refused(*arguments: object) -> str:
    error = call(*arguments).exception
    assert isinstance(error, TTSFError), error
    return str(error)


@pytest.fixture(scope="module")
def evaluated(
    ckpt: Path, spoken: Path, recognizer: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Result]:
    out = tmp_path_factory.mktemp("evaluation")
    (out / "own.txt").write_text("снег зима\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(measuring._NEEDS, "dnsmos", ("no_such_package", "pip install nothing"))
        result = call(
            *("-c", ckpt, "--data", spoken / "test.csv", "--limit", 2, "--recognizer", recognizer),
            *("--sentences", out / "own.txt", "--out", out, "--fail-above", "hard.failures=0.5"),
            *("--fail-below", "duration_ratio=0.01"),
        )
    return out, result


@pytest.fixture(autouse=True)
def no_dnsmos(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNSMOS здесь не считают: это секунды на звук; его меряет test_run на одном клипе."""
    monkeypatch.setitem(measuring._NEEDS, "dnsmos", ("no_such_package", "pip install nothing"))


def test_the_table_shows_the_voice_between_floor_and_ceiling(
    evaluated: tuple[Path, Result],
) -> None:
    out, result = evaluated
    header = next(line for line in result.stdout.splitlines() if "measure" in line)
    assert header.split() == ["measure", "real", "copy", "synthesis", "hard", "other"]
    for name in ("cer", "diagonality", "coverage", "entropy", "failures", "rtf"):
        assert name in result.stdout
    assert "judge recognizer: its own error is" in result.stdout
    assert "on the 12 clips of its validation" in result.stdout
    assert "failures, hard: no_stop 1" in result.stdout
    assert f"details: {out / 'evaluation.html'}" in result.stdout


def test_a_broken_limit_fails_the_command_after_the_report(evaluated: tuple[Path, Result]) -> None:
    _, result = evaluated
    assert result.exit_code == ExitCode.USER
    assert "failed: --fail-above hard.failures=0.5: hard.failures is 1, above it" in result.stderr
    assert "duration_ratio" not in result.stderr.split("failed:", 1)[1]


def test_the_document_says_what_was_measured_and_with_what(
    evaluated: tuple[Path, Result], ckpt: Path
) -> None:
    out, _ = evaluated
    found = json.loads((out / "evaluation.json").read_text())
    jsonschema.validate(found, json.loads(document.SCHEMA_FILE.read_text()))
    assert found["voice"]["acoustic"]["model"] == "tacotron2"
    assert found["voice"]["vocoder"] == {"model": "griffin_lim", "iterations": 2}
    assert found["voice"]["mel"]["fingerprint"] == AUDIO.fingerprint
    rows = found["rows"]
    assert rows["hard"]["failures"]["no_stop"] == 1
    assert rows["synthesis"]["metrics"]["failures"]["value"] == 1
    assert rows["synthesis"]["metrics"]["diagonality"]["value"] < 0.5
    assert rows["copy"]["metrics"]["cer"]["value"] <= rows["synthesis"]["metrics"]["cer"]["value"]
    assert "no_such_package is not installed" in found["unmeasured"]["dnsmos_ovrl"]
    if "mcd_db" not in found["unmeasured"]:
        assert rows["copy"]["metrics"]["mcd_db"]["value"] < (
            rows["synthesis"]["metrics"]["mcd_db"]["value"]
        )


def test_the_page_shows_sounds_spectrograms_and_attention(evaluated: tuple[Path, Result]) -> None:
    html = (evaluated[0] / "evaluation.html").read_text()
    assert html.count("<audio") == 2 * 3 + 1
    assert html.count('alt="Attention over time"') == 3
    assert html.count('alt="Spectrogram: real"') == 2


def test_running_again_says_nothing_again(
    evaluated: tuple[Path, Result],
    ckpt: Path,
    spoken: Path,
    recognizer: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out, _ = evaluated
    before = (out / "evaluation.json").read_bytes()

    def forbidden(*arguments: object) -> None:
        raise AssertionError("everything has been said already")

    monkeypatch.setattr(speaking, "_spoken", forbidden)
    monkeypatch.setattr(speaking, "vocoder_copy", forbidden)
    result = call(
        *("-c", ckpt, "--data", spoken / "test.csv", "--limit", 2, "--recognizer", recognizer),
        *("--sentences", out / "own.txt", "--out", out),
    )
    assert result.exit_code == 0, result.exception
    assert (out / "evaluation.json").read_bytes() == before


def test_ctrl_c_tells_how_to_go_on(
    ckpt: Path, spoken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "evaluate", interrupted)
    result = call(
        "-c", ckpt, "--data", spoken / "test.csv", "--transcriber", "none", "--out", tmp_path
    )
    assert result.exit_code == ExitCode.INTERRUPTED
    assert "what is measured is kept, the same command continues" in result.stderr


def test_what_cannot_be_evaluated_is_refused_in_words(
    ckpt: Path, spoken: Path, tmp_path: Path
) -> None:
    test, out = spoken / "test.csv", tmp_path / "out"
    basis = ("-c", ckpt, "--data", test, "--transcriber", "none", "--out", out)
    assert "no such checkpoint" in refused("-c", "no.ckpt", *basis[2:])
    assert "there is nothing to judge" in refused("-c", ckpt, "--out", out)
    assert "no.csv: cannot be read" in refused(*basis, "--data", "no.csv")
    assert "give ru, en or a text file" in refused(*basis, "--sentences", "klingon")
    assert "there is no such measure; did you mean" in refused(*basis, "--fail-above", "mcd=3")
    assert "best_model.ckpt: no such checkpoint" in refused(*basis, "--recognizer", tmp_path)
    assert "is not a recognizer" in refused(*basis, "--recognizer", ckpt)
    assert "name the transcriber too" in refused(*basis, "--set", "language=ru")
    assert "did you mean 'whisper'" in refused(*basis[:4], "--transcriber", "wisper", "-o", out)
    assert not (out / "evaluation.json").exists()


def test_options_alone_mean_the_default_command() -> None:
    alone = CliRunner().invoke(app, ["evaluate", "--help"], env={"COLUMNS": "160"}).stdout
    assert alone == CliRunner().invoke(app, ["evaluate"], env={"COLUMNS": "160"}).stdout
    assert "--fail-above" in alone and "train-recognizer" in alone
    other = CliRunner().invoke(app, ["evaluate", "train-recognizer", "--help"]).stdout
    assert "--epochs" in other and "--fail-above" not in other
    mistyped = CliRunner().invoke(app, ["evaluate", "train-recogniser", "--help"])
    assert mistyped.exit_code == ExitCode.USER and "train-recognizer" in mistyped.stderr


def test_the_recognizer_is_trained_by_a_command(spoken: Path, tmp_path: Path) -> None:
    lists = ("--data", spoken / "train.csv", "--validation", spoken / "test.csv")
    options = ["train-recognizer", *lists, "--out", tmp_path, "--epochs", 1, "--device", "cpu"]
    result = CliRunner().invoke(app, ["evaluate", *map(str, options)])
    assert result.exit_code == 0, result.exception
    assert "held-out error rate" in result.stdout
    assert (tmp_path / "best_model.ckpt").is_file()
