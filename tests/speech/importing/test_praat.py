"""praat: длинный и короткий форматы, кодировки, оборванные и чужие файлы."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.errors import DataError
from tts_framework.speech.importing.praat import Interval, read

LONG = '''File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 2.5
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "words"
        xmin = 0
        xmax = 2.5
        intervals: size = 2
        intervals [1]:
            xmin = 0
            xmax = 1.25
            text = "she said ""no"""
        intervals [2]:
            xmin = 1.25
            xmax = 2.5
            text = ""
    item [2]:
        class = "TextTier"
        name = "bells"
        xmin = 0
        xmax = 2.5
        points: size = 1
        points [1]:
            number = 1.0
            mark = "ding"
'''
SHORT = """File type = "ooTextFile"
"TextGrid"

0
2.5
<exists>
1
"IntervalTier"
"слова"
0
2.5
1
0
2.5
"два
слова" ! comment
"""


def write(tmp_path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = tmp_path / "x.TextGrid"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_long_format(tmp_path: Path, encoding: str) -> None:
    grid = read(write(tmp_path, LONG, encoding))
    assert grid.end == 2.5
    assert grid.tiers == {"words": (Interval(0.0, 1.25, 'she said "no"'), Interval(1.25, 2.5, ""))}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_the_short_format(tmp_path: Path, encoding: str) -> None:
    mark = "\ufeff" if encoding.startswith("utf-16") else ""
    grid = read(write(tmp_path, (mark + SHORT).replace("\n", "\r\n"), encoding))
    assert grid.tiers == {"слова": (Interval(0.0, 2.5, "два\r\nслова"),)}


@pytest.mark.parametrize("format", ["long_textgrid", "short_textgrid"])
def test_files_of_another_program(tmp_path: Path, format: str) -> None:
    textgrid = pytest.importorskip("praatio.textgrid")
    entries = [(0.0, 0.4, ""), (0.4, 1.0, 'кот "Мурзик"'), (1.0, 1.7, "спит")]
    grid = textgrid.Textgrid()
    grid.addTier(textgrid.IntervalTier("words", entries[1:], 0, 2.0))
    path = tmp_path / "x.TextGrid"
    grid.save(str(path), format=format, includeBlankSpaces=True)
    assert read(path).tiers["words"] == (
        *(Interval(*entry) for entry in entries),
        Interval(1.7, 2.0, ""),
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "x.TextGrid:1: the file ends where a text is expected"),
        (LONG.replace("TextGrid", "Pitch", 1), "not a text TextGrid"),
        (LONG[:400], "the file ends where a"),
        (LONG[: LONG.index("she said") + 5], ":18: the quote is not closed"),
        (LONG.replace("xmax = 1.25", "xmax = -1"), "interval 0..-1 is out of order"),
        (LONG.replace("xmin = 1.25", "xmin = 0.5"), "interval 0.5..2.5 is out of order"),
        (LONG.replace("xmax = 1.25", "xmax = 1e999"), "expected a number, found '1e999'"),
        (LONG.replace("size = 2\n        intervals [1]", "size = 2.5\n intervals [1]"), "a count"),
        (LONG.replace("intervals: size = 2", "intervals: size = 1e15"), "expected a number, found"),
        (LONG.replace("TextTier", "PitchTier"), "tier class 'PitchTier' is unknown"),
        (LONG.replace('"bells"', '"words"').replace("TextTier", "IntervalTier"), "is there twice"),
        (b"ooBinaryFile\x08TextGrid\0\0", "a binary TextGrid; save it as a text file"),
        (SHORT.encode("cp1251"), "neither UTF-8 nor UTF-16"),
    ],
)
def test_a_broken_file_is_named_with_its_line(
    tmp_path: Path, content: str | bytes, reason: str
) -> None:
    with pytest.raises(DataError) as caught:
        read(write(tmp_path, content))
    assert reason in str(caught.value)


@given(tail=st.text(alphabet='"<>!1.5e-\n ab') | st.binary().map(lambda b: b.decode("latin-1")))
def test_any_tail_is_read_or_refused(tail: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    try:
        read(write(tmp_path_factory.getbasetemp(), LONG[:200] + tail))
    except DataError as error:
        assert "x.TextGrid" in str(error)
