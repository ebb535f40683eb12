"""Раскладка festvox: тексты, метки фонов байт в байт, плохие строки."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tts_framework.errors import DataError
from tts_framework.speech.corpora import table

LABEL = "separator ;\n#\n0.10000 125 pau\n0.30000 125 dh\n0.6 125 ax\n"


@pytest.fixture
def write(source: Path, speech: Any) -> Any:
    """Пиши txt.done.data рядом с записями en_0..en_3; у первой есть метки."""
    for number in range(4):
        speech.write(number, source / "wav" / f"en_{number}.wav")
    (source / "lab").mkdir()
    (source / "lab" / "en_0.lab").write_text(LABEL)
    (source / "etc").mkdir()

    def write(*lines: str) -> None:
        (source / "etc" / "txt.done.data").write_text("\n".join(lines) + "\n")

    return write


def test_texts_speaker_and_labels_are_kept(
    write: Any, bring: Any, out: Path, source: Path, speech: Any
) -> None:
    write(*(f'( en_{n} "{text}" )' for n, text in enumerate(speech.texts)))
    imported = bring("festvox")
    rows = table.read(out)
    assert [row.text for row in rows] == list(speech.texts)
    assert {row.speaker for row in rows} == {source.name}
    assert imported.labelled == 1
    assert (out / "labels" / "en_0.lab").read_text() == LABEL
    assert sorted(path.name for path in (out / "labels").iterdir()) == ["en_0.lab"]


def test_quotes_inside_a_text(write: Any, listing: Any) -> None:
    write(r'(en_0 "He said \"no\", and left.")', '( en_1 "Плюс +у ударной." )')
    assert [record.text for record in listing("festvox", speaker="x")[0]] == [
        'He said "no", and left.',
        "Плюс +у ударной.",
    ]


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        ("0.1 125 pau\n", "no '#' line"),
        ("#\n0.5 125 a\n0.3 125 b\n", "line 3: '0.3 125 b' is no label"),
        ("#\nlater 125 a\n", "line 2: 'later 125 a' is no label"),
        ("#\n99.0 125 a\n", "is no label of a clip of 0.70 s"),
        ("#\n0.3 125\n", "is no label"),
    ],
)
def test_broken_labels_are_left_out_and_said(
    write: Any, source: Path, bring: Any, out: Path, label: str, reason: str
) -> None:
    write('( en_0 "Text." )')
    (source / "lab" / "en_0.lab").write_text(label)
    imported = bring("festvox")
    [note] = imported.repaired
    assert "en_0: phone labels left out: " in note and reason in note
    assert imported.labelled == 0 and not (out / "labels" / "en_0.lab").exists()


def test_bad_lines_and_ways_out_are_named(
    write: Any, source: Path, bring: Any, tmp_path: Path
) -> None:
    (tmp_path / "x.wav").write_bytes(b"x")
    (tmp_path / "x.lab").write_text(LABEL)
    (source / "lab" / "en_1.lab").symlink_to(tmp_path / "x.lab")
    write(
        '( en_0 "Good." )',
        '( en_1 "Label leads out." )',
        "en_2 no brackets",
        '( ../../x "Climbs." )',
        f'( {tmp_path}/x "Absolute." )',
        '( en_9 "Missing." )',
    )
    with pytest.raises(DataError) as caught:
        bring("festvox")
    text = str(caught.value)
    assert "txt.done.data:2: 'lab/en_1.lab' leads out through a symbolic link" in text
    assert "txt.done.data:3: expected '( id \"text\" )'" in text
    assert "txt.done.data:4: " in text and "txt.done.data:5: " in text
    assert "climbs out of the folder" in text and "lies outside of" in text
    assert "en_9.wav: no such file" in text
