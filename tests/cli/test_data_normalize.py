"""`ttsf data normalize`: этапы, строки файла, корпус; ошибки с файлом и строкой."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tts_framework.cli.data import app
from tts_framework.errors import ConfigError, DataError, TTSFError
from tts_framework.speech.corpora import table

LETTERS = ["--frontend", "russian_letters"]


def run(*arguments: str, stdin: bytes = b"") -> str:
    result = CliRunner().invoke(app, ["normalize", *arguments], input=stdin)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def test_shows_what_a_text_becomes() -> None:
    assert run("--text", "Вол+ос  « Ё »", *LETTERS).splitlines() == [
        "input    Вол+ос  « Ё »",
        'symbols  воло́с " ё "',
        "count    12 symbols with the end mark",
    ]


def test_takes_options_of_the_front_end() -> None:
    output = run("--text", "ABBA", "--frontend", "characters", "--set", "alphabet=ab")
    assert "symbols  abba" in output


def test_an_unknown_option_is_named() -> None:
    with pytest.raises(ConfigError, match="alfabet"):
        run("--text", "a", "--frontend", "characters", "--set", "alfabet=ab")


@pytest.mark.parametrize(
    "arguments", [[], ["corpus", "--text", "a"], ["--text", "a", "--file", "-"]]
)
def test_exactly_one_thing_to_do(arguments: list[str]) -> None:
    with pytest.raises(TTSFError, match="exactly one of CORPUS, --text and --file"):
        run(*arguments, *LETTERS)


def test_reads_lines_with_crlf_and_a_bom() -> None:
    content = "\ufeffПервая.\r\n\r\nВторая.\r\n".encode()
    assert run("--file", "-", *LETTERS, stdin=content) == "первая.\n\nвторая.\n"


def test_all_bad_lines_of_a_file_are_named(tmp_path: Path) -> None:
    file = tmp_path / "lines.txt"
    file.write_text("раз|два\nхорошо\nпять\x075\n", "utf-8")
    with pytest.raises(DataError) as error:
        run("--file", str(file), *LETTERS)
    assert [problem.partition(" at ")[0] for problem in error.value.problems] == [
        f"{file}:1: unknown symbol '|' (U+007C VERTICAL LINE)",
        f"{file}:3: unknown symbol '\\x07' (U+0007 unnamed)",
        f"{file}:3: unknown symbol '5' (U+0035 DIGIT FIVE)",
    ]


def test_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "lines.txt"
    file.write_bytes(b"ok\n" + "привет".encode("cp1251"))
    with pytest.raises(DataError, match=r"lines\.txt:2: not UTF-8 \(byte 0xef\); .*CP1251"):
        run("--file", str(file), *LETTERS)


def test_a_missing_file_is_one_line() -> None:
    with pytest.raises(DataError, match="--file /nowhere: No such file"):
        run("--file", "/nowhere", *LETTERS)


def test_normalizes_a_corpus_and_says_what_is_next(tmp_path: Path) -> None:
    table.write(tmp_path, [table.Row("a", "Вол+ос", 1.0), table.Row("b", "", 2.0)])
    output = run(str(tmp_path), *LETTERS)
    assert "1 texts normalized by russian_letters, 1 of them new or changed; 1 clips" in output
    assert table.read(tmp_path)[0].spoken == "воло́с"
    assert "0 of them new or changed" in run(str(tmp_path), *LETTERS)


def test_a_folder_that_is_no_corpus_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="metadata.csv: cannot be read"):
        run(str(tmp_path), *LETTERS)
