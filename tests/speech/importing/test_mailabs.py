"""Дерево mailabs: дикторы, книги, JSON вместо таблицы."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tts_framework.errors import DataError
from tts_framework.speech.corpora import table


def book(source: Path, where: str, name: str, speech: Any, *numbers: int) -> Path:
    folder = source / "en_UK" / "by_book" / where / name
    for number in numbers:
        speech.write(number, folder / "wavs" / f"{name}_01_f{number:06}.wav")
    return folder


def lines(name: str, speech: Any, *numbers: int) -> str:
    return "".join(f"{name}_01_f{n:06}|raw {n}|{speech.texts[n]}\n" for n in numbers)


def test_books_of_several_speakers(source: Path, speech: Any, bring: Any, out: Path) -> None:
    for where, number in (("female/anna", 0), ("male/bob", 1), ("mix", 2)):
        folder = book(source, where, "emma", speech, number)
        (folder / "metadata.csv").write_text(lines("emma", speech, number))
    bring("mailabs")
    assert [(row.id, row.speaker, row.source, row.text) for row in table.read(out)] == [
        ("anna_emma_01_f000000", "anna", "anna/emma/emma_01", speech.texts[0]),
        ("bob_emma_01_f000001", "bob", "bob/emma/emma_01", speech.texts[1]),
        ("mix_emma_01_f000002", "mix", "mix/emma/emma_01", speech.texts[2]),
    ]


def test_json_is_read_where_there_is_no_table(source: Path, speech: Any, listing: Any) -> None:
    folder = book(source, "female/anna", "emma", speech, 0)
    clips = {"emma_01_f000000.wav": {"original": "In 1815", "clean": "In eighteen fifteen"}}
    (folder / "metadata_mls.json").write_text(json.dumps(clips))
    assert [record.text for record in listing("mailabs")[0]] == ["In eighteen fifteen"]
    assert [record.text for record in listing("mailabs", normalized=False)[0]] == ["In 1815"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"a": \n nonsense}', "metadata_mls.json:2: Expecting value"),
        ("[1, 2]", "expected an object of clips"),
        ("[" * 100_000, "nested too deep"),
        ('{"a.wav": 5}', "expected 'id|text'"),
    ],
)
def test_broken_json_is_named(
    source: Path, speech: Any, bring: Any, content: str, reason: str
) -> None:
    folder = book(source, "female/anna", "emma", speech, 0)
    (folder / "metadata_mls.json").write_text(content)
    with pytest.raises(DataError) as caught:
        bring("mailabs")
    assert reason in str(caught.value)


def test_ways_out_are_refused(source: Path, speech: Any, bring: Any, tmp_path: Path) -> None:
    (tmp_path / "x.wav").write_bytes(b"x")
    folder = book(source, "female/anna", "emma", speech, 0)
    up = "../" * 7
    (folder / "metadata.csv").write_text(
        lines("emma", speech, 0) + f"{up}x|Climbs\n{tmp_path}/x|Absolute\n"
    )
    with pytest.raises(DataError) as caught:
        bring("mailabs")
    assert "climbs out of the folder" in str(caught.value)
    assert "lies outside of" in str(caught.value)
    assert "metadata.csv:2: " in str(caught.value)


def test_a_tree_without_books(source: Path, bring: Any) -> None:
    with pytest.raises(DataError, match="no by_book/.../wavs; is it an M-AILABS tree"):
        bring("mailabs")
