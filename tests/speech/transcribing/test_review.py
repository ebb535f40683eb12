"""`review.csv`: каким его сохраняют табличные редакторы и люди."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.errors import DataError
from tts_framework.speech.transcribing import review
from tts_framework.speech.transcribing.review import Line

HEADER = "id|confidence|text|heard|reason\n"


def read(path: Path, content: bytes | str, encoding: str = "utf-8") -> list[tuple[str, str]]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return [(line.id, line.text) for line in review.read(path, encoding)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "review.csv"


def test_crlf_and_a_byte_order_mark_are_accepted(path: Path) -> None:
    content = "\ufeff" + HEADER.replace("\n", "\r\n") + "a|0.4|Привет.|привет|x\r\n\r\n"
    assert read(path, content) == [("a", "Привет.")]


@pytest.mark.parametrize("delimiter", ["|", ";", ",", "\t"])
def test_the_delimiter_of_the_editor_is_recognised(path: Path, delimiter: str) -> None:
    content = f'id{delimiter}text\na{delimiter}"Yes; no, a|b\tc"\n'
    assert read(path, content) == [("a", "Yes; no, a|b c")]


def test_cp1251_is_named_with_the_way_out_and_read_when_asked(path: Path) -> None:
    content = (HEADER + "a|0,4|ok|ok|x\nb|0,5|Да.|да|x\n").encode("cp1251")
    with pytest.raises(DataError, match=r"review.csv:3: not UTF-8 .*--encoding cp1251"):
        read(path, content)
    assert read(path, content, "cp1251") == [("a", "ok"), ("b", "Да.")]


def test_utf16_of_excel(path: Path) -> None:
    content = "id\ttext\r\na\tДа.\r\n".encode("utf-16")
    with pytest.raises(DataError, match="utf-16"):
        read(path, content)
    assert read(path, content, "utf-16") == [("a", "Да.")]


def test_an_unknown_encoding_is_named(path: Path) -> None:
    with pytest.raises(DataError, match="--encoding klingon: no such encoding"):
        read(path, HEADER, "klingon")


def test_all_bad_lines_are_named_at_once(path: Path) -> None:
    content = HEADER + (
        "a|0.4|one|two|three|four\n"
        'b|0.4|"open|x|y\n'
        "../c|0.4|t|h|r\n"
        "/etc/passwd|0.4|t|h|r\n"
        "d|high|t|h|r\n"
        "e|0.4|t|h|r\n"
        "e|0.4|t|h|r\n"
    )
    with pytest.raises(DataError) as caught:
        read(path, content)
    first, second, third, fourth, fifth, sixth = caught.value.problems
    assert f"{path}:2: expected 5 columns, found 6; a text with '|' must stand in double" in first
    assert f"{path}:3: a quote is not closed" in second
    assert f"{path}:4: id '../c' cannot name a file" in third
    assert f"{path}:5: id '/etc/passwd' cannot name a file" in fourth
    assert f"{path}:6: confidence 'high' is not a number" in fifth
    assert f"{path}:8: id 'e' is already on line 7" in sixth


@pytest.mark.parametrize("content", ["", "wavs/a.wav|text\n", "id|text|text\n"])
def test_another_file_is_refused(path: Path, content: str) -> None:
    with pytest.raises(DataError, match="is this a review file"):
        read(path, content)


def test_a_missing_file_is_one_line(path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read.*'ttsf data transcribe' makes it"):
        review.read(path)


TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc"))).map(
    lambda text: " ".join(text.split())
)


@given(texts=st.lists(st.tuples(TEXT, TEXT)))
def test_what_is_saved_is_read_back(
    texts: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("review") / "review.csv"
    lines = [Line(f"id{n}", text, heard, 0.5, "x") for n, (text, heard) in enumerate(texts)]
    review.save(path, lines)
    found = [Line(n.id, n.text, n.heard, n.confidence, n.reason) for n in review.read(path)]
    assert found == lines


def test_a_full_disk_keeps_the_previous_file(path: Path, full_disk: None) -> None:
    from tts_framework.errors import DiskFull

    path.write_text(HEADER)
    with pytest.raises(DiskFull):
        review.save(path, [Line("a", "text")])
    assert path.read_text() == HEADER
