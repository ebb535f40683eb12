"""`ttsf data split`: три списка, их размеры и следующий шаг."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tts_framework.cli.data import app
from tts_framework.errors import DataError
from tts_framework.speech.corpora import table
from tts_framework.speech.corpora.table import Row

RUNNER = CliRunner()


def split(*arguments: object) -> str:
    result = RUNNER.invoke(app, ["split", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    rows = [Row(f"c_{n:03}", f"Фраза {n}.", 1 + n % 12, f"s{n % 2}") for n in range(100)]
    table.write(tmp_path, [*rows, Row("c_100", "", 1.0)])
    return tmp_path


def test_says_what_was_written_and_what_to_do_next(corpus: Path) -> None:
    output = split(corpus, "--validation", "0.1", "--test", "0.05", "--seed", "7")
    assert f"{corpus}/train.csv: 85 clips" in output
    assert f"{corpus}/validation.csv: 10 clips" in output and "2 speaker(s)" in output
    assert f"{corpus}/test.csv: 5 clips" in output
    assert "1 clip(s) without a text are in no list" in output
    assert f"set data.train to {corpus / 'train.csv'}" in output


def test_a_folder_without_a_table_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="metadata.csv: cannot be read"):
        split(tmp_path)


def test_shares_above_one_are_refused(corpus: Path) -> None:
    with pytest.raises(DataError, match="leave nothing to train on"):
        split(corpus, "--validation", "0.6", "--test", "0.6")
