"""Раскладка ljspeech: два и три столбца, BOM и CRLF, плохие строки."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tts_framework.errors import DataError
from tts_framework.speech.audio import read_header
from tts_framework.speech.corpora import table


@pytest.fixture
def write(source: Path, speech: Any) -> Any:
    """Пиши metadata.csv рядом с записями LJ001-0001..0004."""
    for number in range(4):
        speech.write(number, source / "wavs" / f"LJ001-000{number + 1}.wav")

    def write(*lines: str, encoding: str = "utf-8", end: str = "\n") -> None:
        (source / "metadata.csv").write_bytes((end.join(lines) + end).encode(encoding))

    return write


def test_a_corpus_is_brought_whole(write: Any, speech: Any, bring: Any, out: Path) -> None:
    write(*(f"LJ001-000{n + 1}|raw {n}|{text}" for n, text in enumerate(speech.texts)))
    imported = bring("ljspeech")
    assert imported.rate == speech.rate == 22050
    rows = table.read(out)
    assert [row.text for row in rows] == list(speech.texts)
    assert {row.source for row in rows} == {"LJ001"} and {row.speaker for row in rows} == {"lj"}
    for row, samples in zip(rows, speech.samples):
        header = read_header(table.wav(out, row.id))
        assert (header.sampling_rate, header.channels) == (22050, 1)
        assert header.frames == len(samples) and abs(header.seconds - row.seconds) < 0.001


def test_two_columns_bom_crlf_paths_and_the_raw_text(
    write: Any, bring: Any, out: Path, listing: Any
) -> None:
    write("LJ001-0001|Первый.", "wavs/LJ001-0002.wav|Второй.|", encoding="utf-8-sig", end="\r\n")
    bring("ljspeech", speaker="anna")
    rows = table.read(out)
    assert [row.text for row in rows] == ["Первый.", "Второй."]
    assert {row.speaker for row in rows} == {"anna"}
    write("LJ001-0001|raw|normal")
    assert listing("ljspeech", normalized=False)[0][0].text == "raw"


def test_bad_lines_are_named_all_at_once(
    write: Any, bring: Any, source: Path, out: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.wav").write_bytes(b"x")
    (source / "wavs" / "link.wav").symlink_to(tmp_path / "secret.wav")
    write(
        "LJ001-0001|Good.",
        "LJ001-0002|A | in | the text",
        "LJ001-0003",
        "|No name",
        "missing|Text",
        "LJ001-0004|",
        "wavs/../../secret.wav|Climbs",
        f"{tmp_path}/secret.wav|Absolute",
        "link|Linked",
        "LJ001-0001|Again.",
    )
    with pytest.raises(DataError) as caught:
        bring("ljspeech")
    found = caught.value.problems
    expected = {
        2: "found 4 column(s); remove '|' from the text",
        3: "found 1 column(s); fix the line",
        4: "expected 'id|text'",
        5: "missing.wav: no such file",
        7: "'wavs/../../secret.wav' climbs out",
        8: "lies outside of",
        9: "leads out through a symbolic link",
        10: "id 'LJ001-0001' is already taken by",
    }
    for line, reason in expected.items():
        assert any(f"metadata.csv:{line}: " in one and reason in one for one in found), line
    assert any("metadata.csv:6: LJ001-0004: the text is empty" in one for one in found)
    assert "1 record(s) are good; fix the rest or leave them out with --skip-bad" in found[-1]
    assert not out.exists()
    imported = bring("ljspeech", skip_bad=True)
    assert [row.id for row in imported.rows] == ["LJ001-0001"] and len(imported.bad) == 9


def test_another_encoding_is_named_with_its_line(write: Any, bring: Any) -> None:
    write("LJ001-0001|Ok", "LJ001-0002|Привет", encoding="cp1251")
    with pytest.raises(DataError, match=r"metadata.csv:2: not UTF-8 \(byte 0xcf\).*iconv"):
        bring("ljspeech")


def test_a_corpus_folder_is_not_imported_again(source: Path, bring: Any) -> None:
    table.write(source, [table.Row("a", "Text.", 1.0)])
    with pytest.raises(DataError, match="is a corpus folder already"):
        bring("ljspeech")


def test_an_empty_and_a_missing_list(write: Any, bring: Any, source: Path) -> None:
    write("")
    with pytest.raises(DataError, match="metadata.csv:1: the list is empty"):
        bring("ljspeech")
    (source / "metadata.csv").unlink()
    with pytest.raises(DataError, match="metadata.csv: cannot be read .*right layout"):
        bring("ljspeech")
