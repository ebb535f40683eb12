"""Раскладка common_voice: MP3, дикторы, голоса слушателей, плохие строки TSV."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tts_framework.errors import DataError
from tts_framework.speech.corpora import table

HEADER = ("client_id", "path", "sentence", "up_votes", "down_votes", "age", "locale")


@pytest.fixture
def write(source: Path, speech: Any) -> Any:
    """Пиши TSV рядом с четырьмя клипами MP3."""
    for number in range(4):
        speech.write(number, source / "clips" / f"common_voice_en_{number}.mp3")

    def write(*rows: tuple[object, ...], name: str = "validated") -> None:
        lines = ["\t".join(map(str, row)) for row in (HEADER, *rows)]
        (source / f"{name}.tsv").write_text("\n".join(lines) + "\n")

    return write


def row(number: int, text: str, up: object = 2, down: object = 0) -> tuple[object, ...]:
    return ("a" * 120 + str(number), f"common_voice_en_{number}.mp3", text, up, down, "", "en")


def test_mp3_clips_of_many_speakers(write: Any, bring: Any, speech: Any, out: Path) -> None:
    rows = [(f"{n}{'f' * 120}", *row(n, text)[1:]) for n, text in enumerate(speech.texts)]
    write(*rows)
    bring("common_voice", rate=16000)
    found = table.read(out)
    assert [one.text for one in found] == list(speech.texts)
    assert {one.speaker for one in found} == {f"{n}{'f' * 15}" for n in range(4)}
    for one, samples in zip(found, speech.samples):
        assert abs(one.seconds - len(samples) / speech.rate) < 0.15  # добавка кадров MP3


def test_votes_and_tables_are_chosen(write: Any, listing: Any) -> None:
    write(row(0, "a", 2, 0), row(1, "b", 1, 1), row(2, "c", 5, 3))
    write(row(3, "d"), name="train")
    assert [one.text for one in listing("common_voice", min_up_votes=2)[0]] == ["a", "c"]
    assert [one.text for one in listing("common_voice", max_down_votes=1)[0]] == ["a", "b"]
    assert [one.text for one in listing("common_voice", table="train")[0]] == ["d"]


def test_a_path_without_its_ending_is_mp3(write: Any, listing: Any) -> None:
    write(("x", "common_voice_en_1", "Text", 1, 0, "", "en"))
    assert listing("common_voice")[0][0].wav.is_file()


def test_bad_lines_are_named(write: Any, bring: Any, source: Path, tmp_path: Path) -> None:
    (tmp_path / "x.mp3").write_bytes(b"x")
    write(
        row(0, "Good | text"),
        row(1, ""),
        row(2, "Votes", "many"),
        ("x", "too", "short"),
        ("x", "../../x.mp3", "Climbs", 1, 0, "", "en"),
        ("x", str(tmp_path / "x.mp3"), "Absolute", 1, 0, "", "en"),
        ("x", "", "No path", 1, 0, "", "en"),
    )
    with pytest.raises(DataError) as caught:
        bring("common_voice")
    text = str(caught.value)
    for part in (
        "validated.tsv:3: common_voice_en_1: the text is empty",
        "validated.tsv:4: votes 'many' and '0' are not numbers",
        "validated.tsv:5: expected 7 columns, found 3",
        "validated.tsv:6: ",
        "validated.tsv:7: ",
        "validated.tsv:8: the path is empty",
    ):
        assert part in text
    assert "climbs out of the folder" in text and "lies outside of" in text
    imported = bring("common_voice", skip_bad=True)
    assert [one.text for one in imported.rows] == ["Good text"]
    assert "validated.tsv:2: '|' or a line break left out of the text" in imported.repaired[0]


def test_a_table_of_something_else(source: Path, bring: Any) -> None:
    (source / "validated.tsv").write_text("a\tb\n1\t2\n")
    with pytest.raises(DataError, match="validated.tsv:1: no column client_id, path, sentence"):
        bring("common_voice")
