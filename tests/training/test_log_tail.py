"""Хвост журнала: ни одной целой строки не потеряно, что бы с файлом ни делали."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tts_framework.training import log_tail
from tts_framework.training.log_tail import Tail


def whole(tail: Tail) -> list[str]:
    return [line.text for line in tail.read() if line.whole]


def append(path: Path, data: bytes) -> None:
    with open(path, "ab") as file:
        file.write(data)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "train.log"


@pytest.fixture
def tail(tmp_path: Path) -> Tail:
    return Tail(tmp_path, "*.log")


def test_a_file_that_appears_later_is_read_from_its_start(log: Path, tail: Tail) -> None:
    assert whole(tail) == []
    append(log, b"one\ntwo\n")
    assert whole(tail) == ["one", "two"]
    assert whole(tail) == []
    append(log, b"three\n")
    assert whole(tail) == ["three"]


def test_a_folder_that_is_not_there_yet_is_no_error(tmp_path: Path) -> None:
    assert whole(Tail(tmp_path / "later", "**/*.log")) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=5))
def test_however_the_bytes_arrive_the_lines_are_the_same(
    tmp_path: Path, data: bytes, cuts: list[int]
) -> None:
    path = tmp_path / "cut.log"
    path.write_bytes(b"")
    tail, seen, at = Tail(tmp_path, "cut.log"), [], 0
    for cut in [*sorted(cuts), len(data)]:
        append(path, data[at:cut])
        at = max(at, min(cut, len(data)))
        seen += whole(tail)
    expected = [part.lstrip(b"\x00").decode("utf-8", "replace") for part in data.split(b"\n")[:-1]]
    assert seen == [text.strip() for text in expected]
    tail.close()


def test_a_line_without_its_end_is_shown_and_waits(log: Path, tail: Tail) -> None:
    append(log, b"loss 0.1")
    (line,) = tail.read()
    assert (line.text, line.whole, line.number) == ("loss 0.1", False, 1)
    append(log, b"25\n")
    (line,) = tail.read()
    assert (line.text, line.whole, line.number) == ("loss 0.125", True, 1)


def test_a_rotated_file_is_read_to_its_end_and_then_the_new_one(log: Path, tail: Tail) -> None:
    append(log, b"a\n")
    assert whole(tail) == ["a"]
    append(log, b"b\n")
    log.rename(log.with_suffix(".log.1"))
    append(log.with_suffix(".log.1"), b"c\n")
    log.write_bytes(b"d\n")
    assert whole(tail) == ["b", "c", "d"]


def test_a_removed_file_gives_up_what_was_written(log: Path, tail: Tail) -> None:
    append(log, b"a\n")
    assert whole(tail) == ["a"]
    append(log, b"b\n")
    log.unlink()
    assert whole(tail) == ["b"]
    assert whole(tail) == []


def test_a_truncated_file_is_read_from_its_start(log: Path, tail: Tail) -> None:
    append(log, b"first\nsecond\n")
    whole(tail)
    os.truncate(log, 0)
    append(log, b"new\n")
    assert whole(tail) == ["new"]


def test_a_file_truncated_and_grown_past_the_old_place_is_noticed(log: Path, tail: Tail) -> None:
    append(log, b"one\n")
    whole(tail)
    os.truncate(log, 0)
    append(log, b"another, longer\n")
    assert whole(tail) == ["another, longer"]


def test_zeros_that_truncation_leaves_to_a_writer_without_append_are_dropped(
    log: Path, tail: Tail
) -> None:
    with open(log, "wb", buffering=0) as writer:
        writer.write(b"one\n")
        assert whole(tail) == ["one"]
        os.truncate(log, 0)
        writer.write(b"two\n")
        assert whole(tail) == ["two"]


def test_bytes_that_are_no_utf8_spoil_only_themselves(log: Path, tail: Tail) -> None:
    append(log, "потери ".encode() + b"\xff\xfe 0.5\n")
    assert whole(tail) == ["потери \ufffd\ufffd 0.5"]


def test_a_line_of_a_gigabyte_takes_no_memory_and_hides_nothing_behind_it(
    log: Path, tail: Tail
) -> None:
    with open(log, "wb") as file:
        file.write(b"before\n")
        file.truncate(1 << 30)  # дыра: нули, которых нет на диске
    append(log, b"\nafter\n")
    seen = whole(tail)
    tracemalloc.start()
    for _ in range((1 << 30) // log_tail.PER_READ + 2):
        if seen[-1] == "after":
            break
        seen += whole(tail)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seen == ["before", "after"] and tail.skipped == 1
    assert peak < 16 << 20


def test_one_call_reads_a_bounded_part(log: Path, tail: Tail, monkeypatch: object) -> None:
    append(log, b"x" * 99 + b"\n")
    for _ in range(8):
        append(log, (b"x" * 99 + b"\n") * 30_000)
    first = len(whole(tail))
    assert first * 100 <= log_tail.PER_READ < log.stat().st_size
    assert first + len(whole(tail)) == 240_001


def test_progress_bars_are_lines_of_their_own(log: Path, tmp_path: Path) -> None:
    append(log, b"10%|#\r20%|##\r\nend\n")
    assert [t for t in whole(Tail(tmp_path, "*.log", returns=True)) if t] == [
        "10%|#",
        "20%|##",
        "end",
    ]
