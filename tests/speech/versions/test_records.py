"""Записи: испорченные не мешают остальным, версию находят по началу id и по имени."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest

from tts_framework.errors import DataError
from tts_framework.speech.versions.records import Record, made, parse, resolve

A, B = "abcd" + "0" * 60, "abce" + "0" * 60


def test_a_record_survives_the_store() -> None:
    record = made(Record(A, "voice", "two\nlines  here", B, seconds=1.5))
    assert record.message == "two lines here"
    assert parse(record.encode()) == record


@pytest.mark.parametrize(
    ("changes"),
    [
        {"id": "../../x"},
        {"id": None},
        {"parent": "x"},
        {"name": "../x"},
        {"name": ["x"]},
        {"message": 1},
        {"message": "x" * 100_000},
        {"size": -1},
        {"files": "many"},
        {"created": "today"},
        {"seconds": "long"},
    ],
)
def test_a_record_of_a_hostile_store_is_left_out(changes: dict[str, Any]) -> None:
    assert parse(json.dumps({**asdict(Record(A, "voice")), **changes}).encode()) is None


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_nonsense_is_left_out(content: bytes) -> None:
    assert parse(content) is None


def test_terminal_commands_in_a_message_are_defused() -> None:
    record = parse(Record(A, "voice", "\x1b[2Jgone").encode())
    assert record is not None and record.message == "?[2Jgone"


def test_a_version_is_found_by_id_by_its_beginning_and_by_name() -> None:
    records = [Record(A, "voice"), Record(B, "voice")]
    assert resolve(A, records).id == A
    assert resolve("ABCD", records).id == A
    assert resolve("voice", records).id == B


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("abc0", "no such version; the newest are abcd00000000 .voice., abce"),
        ("abc", "no such version"),
        ("", "no such version"),
        ("beef", "several versions fit"),
    ],
)
def test_an_unknown_or_ambiguous_version_is_an_error(asked: str, message: str) -> None:
    records = [Record(A, "voice"), Record(B, "voice")]
    if asked == "beef":
        records += [Record("beef" + "0" * 60, "x"), Record("beef" + "1" * 60, "y")]
    with pytest.raises(DataError, match=message):
        resolve(asked, records)


def test_an_empty_store_says_how_to_fill_it() -> None:
    with pytest.raises(DataError, match="'ttsf data version save' makes one"):
        resolve("abcd", [])


@pytest.mark.parametrize("name", ["../x", "", ".x", "a b", "x" * 101])
def test_a_name_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(DataError, match="use letters"):
        made(Record(A, name))


def test_a_message_has_a_limit() -> None:
    with pytest.raises(DataError, match="1000 at most"):
        made(Record(A, "x", "x" * 1001))
