"""`ttsf data check`: коды завершения, файлы итогов, ошибки в ключах."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tts_framework.cli.data import app
from tts_framework.errors import ConfigError, DataError, PluginError, TTSFError
from tts_framework.speech.corpora import manifest, table

RUNNER = CliRunner()


def run(*arguments: object) -> Result:
    return RUNNER.invoke(app, ["check", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("espeakng_loader")
    folder = tmp_path_factory.mktemp("made") / "corpus"
    arguments = ["get", "synthetic", "--dest", str(folder), "--limit", "4"]
    assert RUNNER.invoke(app, arguments, catch_exceptions=False).exit_code == 0
    return folder


@pytest.fixture
def corpus(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "corpus")
    return tmp_path / "corpus"


def first(corpus: Path) -> Path:
    return table.wav(corpus, table.read(corpus)[0].id)


def test_a_good_corpus_passes_and_leaves_both_reports(corpus: Path) -> None:
    result = run(corpus, "--strict")
    assert result.exit_code == 0, result.output
    assert "4 clips" in result.output and "0 errors, 0 warnings" in result.output
    assert json.loads((corpus / "check.json").read_text("utf-8"))["counts"]["error"] == 0
    assert (corpus / "check.html").read_text("utf-8").startswith("<!doctype html>")


def test_an_error_fails_and_is_shown(corpus: Path) -> None:
    first(corpus).unlink()
    result = run(corpus)
    assert result.exit_code == 2
    assert "file_missing" in result.output and "1 error," in result.output


def test_a_warning_fails_only_when_asked(corpus: Path) -> None:
    (corpus / "wavs" / "stray.wav").write_bytes(b"")
    assert run(corpus).exit_code == 0
    assert run(corpus, "--strict").exit_code == 2


def test_a_corpus_that_cannot_be_written_is_checked_elsewhere(corpus: Path, tmp_path: Path) -> None:
    before = sorted(corpus.rglob("*"))
    out = tmp_path / "out"
    files = ("--json", out / "a.json", "--html", out / "a.html", "--cache", out / "cache")
    assert run(corpus, *files).exit_code == 0
    assert sorted(corpus.rglob("*")) == before
    assert sorted(path.name for path in out.iterdir()) == ["a.html", "a.json", "cache"]


def test_the_expected_rate_and_the_thresholds_are_options(corpus: Path) -> None:
    assert "sample_rate" in run(corpus, "--rate", 8000).output
    output = run(corpus, "--threshold", "max_seconds=0.5").output
    assert "duration" in output and "longer than 0.5 s" in output


def test_fix_makes_a_corpus_that_passes(corpus: Path, tmp_path: Path) -> None:
    first(corpus).write_bytes(b"broken")
    new = tmp_path / "new"
    result = run(corpus, "--fix", new, "--strict")
    assert result.exit_code == 0, result.output
    assert f"{new}: 3 clips, 0 of them changed," in result.output
    assert "1 left out" in result.output
    assert (new / "check.html").exists() and (new / "fixed.json").exists()


def test_the_front_end_of_the_corpus_is_the_default(corpus: Path) -> None:
    rows = table.read(corpus)
    table.write(corpus, [replace(rows[0], text=f"{rows[0].text} hello"), *rows[1:]])
    assert run(corpus).exit_code == 0
    assert run(corpus, "--frontend", "russian_letters").exit_code == 2
    manifest.update(corpus, frontend={"use": "russian_letters", "options": {}})
    result = run(corpus)
    assert result.exit_code == 2 and "text_unknown" in result.output


def test_a_front_end_that_is_gone_is_one_line(corpus: Path) -> None:
    manifest.update(corpus, frontend={"use": "no_such_frontend"})
    with pytest.raises(TTSFError, match="corpus.json: frontend: 'no_such_frontend'.*--frontend"):
        run(corpus)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (["--frontend", "rusian_letters"], PluginError, "did you mean 'russian_letters'"),
        (["--frontend", "ru-nsh"], PluginError, "is a corpus, not a frontend"),
        (["--set", "a=1"], ConfigError, "name the front end too"),
        (["--threshold", "snrr=1"], ConfigError, "--threshold snrr: .* did you mean 'snr'"),
        (["--threshold", "snr=loud"], ConfigError, "--threshold snr: 'loud' is not a number"),
        (["--threshold", "snr"], ConfigError, "--threshold snr: expected KEY=VALUE"),
        (["--fix", "{corpus}"], DataError, "lies inside the corpus"),
    ],
)
def test_a_mistake_is_one_line_with_the_way_out(
    corpus: Path, arguments: list[str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        run(corpus, *(argument.format(corpus=corpus) for argument in arguments))


def test_a_folder_that_is_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="metadata.csv: cannot be read"):
        run(tmp_path)


def test_the_command_imports_nothing_heavy_until_it_runs() -> None:
    code = (
        "import sys, tts_framework.cli.data.check;"
        "print([m for m in ('numpy', 'soundfile', 'torch', 'jinja2') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout.strip() == "[]", answer.stderr
