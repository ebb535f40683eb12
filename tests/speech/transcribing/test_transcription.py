"""Расшифровка корпуса: пустое заполняется, имеющееся остаётся, сомнительное ждёт человека."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tts_framework.components import Transcriber
from tts_framework.errors import DataError
from tts_framework.speech.corpora import manifest, table
from tts_framework.speech.transcribing import Settings, review, transcribe
from tts_framework.speech.transcribing.letters import cer
from tts_framework.speech.transcribing.review import Line

ROAD = "The road turns left behind the church."


def texts(folder: Path) -> dict[str, str]:
    return {row.id: row.text for row in table.read(folder)}


def waiting(folder: Path) -> dict[str, Line]:
    return {line.id: line for line in review.read(folder / "review.csv")}


def give(folder: Path, **given: str) -> None:
    rows = [replace(row, text=given.get(row.id, row.text)) for row in table.read(folder)]
    table.write(folder, rows)


def test_clips_without_a_text_get_one(corpus: Path) -> None:
    found = texts(corpus)
    assert cer(ROAD, found["road"]) < 0.1
    assert all(found[id] for id in ("coin", "bread", "train"))


def test_a_silent_clip_waits_for_a_person(corpus: Path) -> None:
    assert texts(corpus)["quiet"] == ""
    assert waiting(corpus)["quiet"].reason == "nothing heard"


def test_existing_texts_are_kept(corpus: Path, whisper: Transcriber) -> None:
    give(corpus, road="My own text!")
    summary = transcribe(corpus, whisper)
    assert texts(corpus)["road"] == "My own text!"
    assert (summary.listened, summary.kept, summary.set_aside) == (0, 4, 1)


def test_existing_texts_are_replaced_when_asked(corpus: Path, whisper: Transcriber) -> None:
    rows = [replace(row, text="Wrong.", normalized="wrong") for row in table.read(corpus)]
    table.write(corpus, rows)
    transcribe(corpus, whisper, Settings(replace=True))
    assert cer(ROAD, texts(corpus)["road"]) < 0.1
    assert not any(row.normalized for row in table.read(corpus))
    assert waiting(corpus)["quiet"].text == "Wrong."


def test_the_threshold_is_an_option(corpus: Path, whisper: Transcriber) -> None:
    give(corpus, road="")
    summary = transcribe(corpus, whisper, Settings(min_confidence=1.0))
    assert summary.set_aside == 2 and texts(corpus)["road"] == ""
    line = waiting(corpus)["road"]
    assert line.text == line.heard != "" and "is below 1.00" in line.reason
    assert transcribe(corpus, whisper).set_aside == 1
    assert list(waiting(corpus)) == ["quiet"]


def test_a_correction_that_is_not_applied_yet_survives(corpus: Path, whisper: Transcriber) -> None:
    give(corpus, road="")
    lines = waiting(corpus)
    mine = [Line("road", "My correction.", "heard", 0.4, "x"), *lines.values()]
    review.save(corpus / "review.csv", mine)
    transcribe(corpus, whisper)
    assert waiting(corpus)["road"].text == "My correction." and texts(corpus)["road"] == ""


def test_a_broken_review_file_stops_before_listening(corpus: Path, whisper: Transcriber) -> None:
    (corpus / "review.csv").write_bytes("id|text\na|Да\n".encode("cp1251"))
    with pytest.raises(DataError, match="review.csv:2: not UTF-8"):
        transcribe(corpus, whisper)


def test_a_mismatched_pair_surfaces(corpus: Path, whisper: Transcriber) -> None:
    found = texts(corpus)
    give(corpus, road=found["coin"], coin=found["coin"] + "!")
    summary = transcribe(corpus, whisper, Settings(compare=True))
    worst = summary.pairs[0]
    assert (worst.id, worst.verdict, summary.mismatched) == ("road", "mismatch", 1)
    assert {pair.id: pair.cer for pair in summary.pairs}["coin"] == 0
    assert texts(corpus)["road"] == found["coin"]
    line = waiting(corpus)["road"]
    assert line.text == found["coin"] and line.reason.startswith("CER 0.")
    rows = (corpus / "comparison.csv").read_text().splitlines()
    assert rows[0] == "id|cer|confidence|verdict|text|heard" and rows[1].startswith("road|0.")


def test_the_bound_of_the_comparison_is_an_option(corpus: Path, whisper: Transcriber) -> None:
    give(corpus, road=ROAD.replace("left", "right"))
    loose = transcribe(corpus, whisper, Settings(compare=True))
    strict = transcribe(corpus, whisper, Settings(compare=True, max_cer=0.05))
    assert (loose.mismatched, strict.mismatched) == (0, 1)


def test_the_normalized_text_is_compared_too(corpus: Path, whisper: Transcriber) -> None:
    rows = [
        replace(row, text="R. t. l. b. t. ch.", normalized=ROAD) if row.id == "road" else row
        for row in table.read(corpus)
    ]
    table.write(corpus, rows)
    assert transcribe(corpus, whisper, Settings(compare=True)).mismatched == 0


def test_the_recipe_is_in_the_manifest(corpus: Path) -> None:
    section = manifest.read(corpus)["transcribe"]
    assert section["transcriber"] == "ttsf_whisper.Whisper"
    assert section["options"]["language"] == "en" and section["set_aside"] == 1
