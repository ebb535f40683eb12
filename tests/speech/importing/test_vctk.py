"""Раскладка vctk: дикторы, микрофоны, недостающие тексты и записи."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tts_framework.errors import DataError
from tts_framework.speech.corpora import table


def write_text(source: Path, speaker: str, id: str, text: str) -> None:
    path = source / "txt" / speaker / f"{id}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")


@pytest.fixture
def corpus(source: Path, speech: Any) -> Path:
    """Два диктора по две фразы на два микрофона (версия 0.92)."""
    for speaker in ("p225", "p226"):
        for number in (0, 1):
            id = f"{speaker}_{number + 1:03}"
            write_text(source, speaker, id, speech.texts[number])
            for mic in ("mic1", "mic2"):
                path = source / "wav48_silence_trimmed" / speaker / f"{id}_{mic}.flac"
                speech.write(number if mic == "mic1" else 2, path)
    return source


def test_one_microphone_of_every_speaker(
    corpus: Path, bring: Any, speech: Any, out: Path, listing: Any
) -> None:
    bring("vctk", rate=16000)
    rows = table.read(out)
    assert [(row.id, row.speaker, row.text) for row in rows] == [
        ("p225_001", "p225", speech.texts[0]),
        ("p225_002", "p225", speech.texts[1]),
        ("p226_001", "p226", speech.texts[0]),
        ("p226_002", "p226", speech.texts[1]),
    ]
    assert abs(rows[0].seconds - len(speech.samples[0]) / speech.rate) < 0.01
    second = listing("vctk", mic="mic2")[0]
    assert all(record.wav.name.endswith("_mic2.flac") for record in second) and len(second) == 4


def test_the_older_edition_has_one_microphone(source: Path, speech: Any, listing: Any) -> None:
    write_text(source, "p225", "p225_001", "Please.")
    speech.write(0, source / "wav48" / "p225" / "p225_001.wav")
    [record], bad = listing("vctk")
    assert (record.id, record.text, bad) == ("p225_001", "Please.", [])


def test_a_speaker_known_to_have_no_texts_is_skipped(
    corpus: Path, speech: Any, listing: Any
) -> None:
    sound = corpus / "wav48_silence_trimmed" / "p315" / "p315_001_mic1.flac"
    speech.write(0, sound)
    assert len(listing("vctk")[0]) == 4 and listing("vctk")[1] == []
    [bad] = listing("vctk", skip="")[1]
    assert "no text in" in bad.reason and "--set skip=p315" in bad.reason
    assert len(listing("vctk", skip="p315, p226")[0]) == 2


def test_text_without_sound_and_text_in_another_encoding(
    corpus: Path, bring: Any, tmp_path: Path
) -> None:
    write_text(corpus, "p225", "p225_009", "Nothing to hear.")
    (corpus / "txt/p226/p226_001.txt").write_bytes("Привет".encode("cp1251"))
    (tmp_path / "secret.txt").write_text("secret")
    linked = corpus / "txt/p226/p226_002.txt"
    linked.unlink()
    linked.symlink_to(tmp_path / "secret.txt")
    with pytest.raises(DataError) as caught:
        bring("vctk")
    text = str(caught.value)
    assert "p225_009.txt: no sound of this text" in text
    assert "p226_001.txt:1: not UTF-8" in text
    assert "leads out through a symbolic link" in text and "2 record(s) are good" in text


def test_a_folder_without_sounds(source: Path, bring: Any) -> None:
    with pytest.raises(DataError, match="no wav48_silence_trimmed or wav48; is it VCTK"):
        bring("vctk")
