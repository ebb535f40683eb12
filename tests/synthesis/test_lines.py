"""Что сказать: строки, таблицы, стандартный ввод и плохие их варианты."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.errors import DataError
from tts_framework.synthesis import lines, tables
from tts_framework.synthesis.lines import Line


def write(folder: Path, content: str | bytes, name: str = "lines.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_text_is_said_by_its_lines() -> None:
    assert [line.text for line in lines.of_text("\ufeffодин\n\n два \r\n")] == ["один", "два"]


def test_a_plain_file_is_said_by_its_lines(tmp_path: Path) -> None:
    path = write(tmp_path, "\ufeffпервая, и ещё\r\n\r\n вторая | третья\n", "lines.txt")
    assert lines.of_file(path) == [
        Line("первая, и ещё", f"{path}:1"),
        Line("вторая | третья", f"{path}:3"),
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "id|text|style\n1|раз, два|0.5,0.5\n"),
        ("a.txt", "id\ttext\tstyle\n1\tраз, два\t0.5,0.5\n"),
        ("a.tsv", "Style\tID\tText\n0.5,0.5\t1\tраз, два\n"),
        ("a.csv", '\ufeffid,text,style\r\n1,"раз, два","0.5,0.5"\r\n'),
        ("a.csv", 'text;id;style;note\n"раз, два";1;0.5,0.5;x\n'),
    ],
)
def test_the_delimiter_is_the_one_that_shows_a_text_column(
    tmp_path: Path, name: str, content: str
) -> None:
    path = write(tmp_path, content, name)
    assert lines.of_file(path) == [Line("раз, два", f"{path}:2", id="1", style="0.5,0.5")]


def test_a_column_of_texts_needs_no_delimiter(tmp_path: Path) -> None:
    path = write(tmp_path, 'text\n"раз, два"\nтри\n')
    assert [line.text for line in lines.of_file(path)] == ["раз, два", "три"]


def test_a_quoted_text_may_take_several_rows(tmp_path: Path) -> None:
    path = write(tmp_path, 'id,text\na,"раз\nдва"\nb,три\n')
    found = lines.of_file(path)
    assert [(line.text, line.where) for line in found] == [
        ("раз\nдва", f"{path}:2"),
        ("три", f"{path}:4"),
    ]


def test_a_list_of_clips_is_a_table_too(tmp_path: Path) -> None:
    path = write(tmp_path, 'wavs/a.wav|раз "два"\nwavs/b.wav|три\n')
    assert [(line.id, line.text) for line in lines.of_file(path)] == [
        ("a", 'раз "два"'),
        ("b", "три"),
    ]


def test_every_bad_row_is_named_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, "id|text\na|раз\nb\na|два\nc|\n")
    with pytest.raises(DataError) as caught:
        lines.of_file(path)
    assert caught.value.problems == [
        f"{path}:3: 1 column(s), expected 2 (id|text); fix the line",
        f"{path}:4: id 'a' is that of line 2 too; rename one",
        f"{path}:5: the text is empty; write what to say or remove the line",
    ]


def test_thousands_of_bad_rows_are_counted_not_listed(tmp_path: Path) -> None:
    path = write(tmp_path, "id|text\n" + "x\n" * 5000)
    with pytest.raises(DataError) as caught:
        lines.of_file(path)
    assert len(caught.value.problems) == tables.SHOWN + 1
    assert "and 4980 more" in caught.value.problems[-1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b,c\n1,2,3\n", "lines.csv:1: no column is called 'text'; name the columns"),
        ("text|text\nа|б\n", "two columns are called 'text'"),
        ("\n\n", "lines.csv"),
        ("id|text\n", "there is nothing to say"),
        ("привет".encode("cp1251"), r"lines.csv:1: not UTF-8 \(byte 0xef\)"),
        ("id|text\na|привет\nb|".encode() + b"\xff", "lines.csv:3: not UTF-8"),
    ],
)
def test_a_file_that_says_nothing_is_refused(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        lines.of_file(write(tmp_path, content))


def test_a_file_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_BYTES", 2**20)
    with pytest.raises(DataError, match="larger than 1 MiB"):
        lines.of_file(write(tmp_path, b"a" * (2**20 + 1)))
    with pytest.raises(DataError, match="stdin:1: longer than 1 MiB"):
        next(lines.of_stream(io.BytesIO(b"a" * (2**20 + 2))))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no.txt: No such file or directory; give a text file"):
        lines.of_file(tmp_path / "no.txt")


def test_standard_input_is_read_as_it_comes() -> None:
    class Slow(io.BytesIO):
        read_lines = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            Slow.read_lines += 1
            return super().readline(size)

    found = lines.of_stream(Slow("раз\n\nдва\n".encode()))
    assert next(found) == Line("раз", "stdin:1") and Slow.read_lines == 1
    assert [line.where for line in found] == ["stdin:3"]


@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_an_empty_input_is_refused(content: bytes) -> None:
    with pytest.raises(DataError, match="stdin: there is nothing to say"):
        list(lines.of_stream(io.BytesIO(content)))


def test_input_that_is_not_utf8_is_refused_by_its_line() -> None:
    found = lines.of_stream(io.BytesIO("раз\n".encode() + b"\xff\n"))
    assert next(found).text == "раз"
    with pytest.raises(DataError, match="stdin:2: not UTF-8"):
        next(found)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes
) -> None:
    path = write(tmp_path_factory.mktemp("any"), raw)
    try:
        assert all(line.text.strip() for line in lines.of_file(path))
    except DataError as error:
        assert str(path) in str(error)
