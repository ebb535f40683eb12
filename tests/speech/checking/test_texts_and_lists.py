"""Тексты, повторы, таблица и списки."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tts_framework.builtin.russian_letters import RussianLetters
from tts_framework.errors import DataError


@pytest.fixture
def frontend() -> RussianLetters:
    return RussianLetters(RussianLetters.Config())


@pytest.mark.parametrize(
    ("text", "rule", "severity"),
    [
        ("", "text_empty", "error"),
        ("— …!", "text_empty", "error"),
        ("Слово hello.", "text_unknown", "error"),
        ("Дом 17 стоит.", "digits", "warning"),
        ("Испорчено \x98 тут.", "text_control", "warning"),
        ("Да. " * 90, "text_length", "error"),
    ],
)
def test_a_bad_text_is_named_by_its_rule(
    bench: Any, frontend: RussianLetters, text: str, rule: str, severity: str
) -> None:
    bench.text(bench.ids[1], text)
    assert (rule, severity, bench.ids[1]) in bench.rules(frontend=frontend)


def test_the_normalized_text_is_what_counts(bench: Any, frontend: RussianLetters) -> None:
    id = bench.ids[0]
    bench.text(id, "Ровно 3 дома.")
    bench.rows[id] = replace(bench.rows[id], normalized="ровно три дома.")
    bench.save()
    assert {rule for rule, _, clip in bench.rules(frontend=frontend) if clip == id} == set()


def test_symbols_are_not_checked_without_a_front_end(bench: Any) -> None:
    bench.text(bench.ids[0], "Слово hello и что-то ещё.")
    report = bench.check()
    assert report.findings == []
    assert "--frontend" in report.not_checked["text_unknown"]


def test_a_corpus_without_texts_is_one_finding(bench: Any) -> None:
    for id in bench.ids:
        bench.text(id, "")
    assert bench.rules() == {("text_empty", "error", "metadata.csv")}


def test_a_text_too_short_for_a_long_clip(bench: Any) -> None:
    bench.put(bench.ids[0], np.tile(bench.sound(bench.ids[0]), 4))
    bench.text(bench.ids[0], "Да.")
    assert ("text_length", "error", bench.ids[0]) in bench.rules()


def test_the_same_sound_with_another_text_is_an_error(bench: Any) -> None:
    first, second = bench.ids[:2]
    shutil.copyfile(bench.wav(first), bench.wav(second))
    bench.rows[second] = replace(bench.rows[second], seconds=bench.rows[first].seconds)
    bench.save()
    assert ("audio_duplicate", "error", second) in bench.rules()
    bench.text(second, bench.rows[first].text.upper())
    found = bench.rules()
    assert ("audio_duplicate", "warning", second) in found
    assert ("text_duplicate", "note", second) in found


def test_nearly_the_same_sound_is_found(bench: Any) -> None:
    first, second = bench.ids[:2]
    bench.put(second, bench.sound(first)[800:] * 0.5)
    assert ("near_duplicate", "warning", second) in bench.rules()


def test_the_table_may_have_crlf_and_a_bom(bench: Any) -> None:
    path = bench.folder / "metadata.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert bench.rules() == set()


def test_bad_lines_are_findings_and_the_rest_is_checked(bench: Any) -> None:
    with (bench.folder / "metadata.csv").open("a", encoding="utf-8") as file:
        file.write("x|a|b|1.0|voice\n../../etc/passwd|t|1|v\n/abs|t|1|v\ny|t|long|v\n")
        file.write(f"{bench.ids[0]}|again|1|v\n")
    found = bench.check().findings
    assert [f.where for f in found] == [f"metadata.csv:{n}" for n in range(8, 13)]
    assert {f.rule for f in found} == {"table_line"}
    assert "'../../etc/passwd' cannot name a file" in found[1].reason


def test_a_table_in_another_encoding_is_one_line_with_a_way_out(bench: Any) -> None:
    path = bench.folder / "metadata.csv"
    path.write_bytes(path.read_text("utf-8").encode("cp1251", "replace"))
    with pytest.raises(DataError, match=r"metadata.csv:2: not UTF-8 .* iconv -f CP1251"):
        bench.check()


def test_a_folder_without_a_table_is_refused(tmp_path: Path, bench: Any) -> None:
    (bench.folder / "metadata.csv").unlink()
    with pytest.raises(DataError, match="cannot be read"):
        bench.check()
    assert not (bench.folder / ".check").exists()


def test_ids_with_spaces_and_cyrillic_are_ordinary(bench: Any) -> None:
    bench.put("клип с пробелом [bold]", bench.sound(bench.ids[0]) * 0.9)
    clips = {clip for rule, _, clip in bench.rules() if rule == "near_duplicate"}
    assert clips == {"клип с пробелом [bold]"}


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("../{id}.wav|text", "path_outside"),
        ("/etc/{id}.wav|text", "path_outside"),
        ("wavs/../../{id}.wav|text", "path_outside"),
        ("wavs/no_such.wav|text", "list_unknown"),
        ("{id}.wav|text", "list_unknown"),
        ("wavs/{id}.wav|a|b", "list_line"),
        ("wavs/{id}.wav", "list_line"),
    ],
)
def test_a_bad_line_of_a_list_is_named(bench: Any, line: str, rule: str) -> None:
    (bench.folder / "test.csv").write_text(line.format(id=bench.ids[0]) + "\n", "utf-8")
    assert (rule, "error", "test.csv:1") in bench.rules()


def test_a_list_in_another_encoding_is_a_finding(bench: Any) -> None:
    (bench.folder / "test.csv").write_bytes("wavs/x.wav|текст\n".encode("cp1251"))
    assert ("list_line", "error", "test.csv:1") in bench.rules()


def test_one_clip_or_one_text_on_two_sides(bench: Any) -> None:
    train = (bench.folder / "train.csv").read_text("utf-8").splitlines()
    validation = bench.folder / "validation.csv"
    with validation.open("a", encoding="utf-8") as file:
        file.write(train[0] + "\n")
    trained = train[0].partition("|")[0].removeprefix("wavs/").removesuffix(".wav")
    held = validation.read_text("utf-8").split("|")[0].removeprefix("wavs/").removesuffix(".wav")
    other = train[1].partition("|")[0].removeprefix("wavs/").removesuffix(".wav")
    bench.text(held, bench.rows[other].text)

    found = bench.rules()

    assert ("list_twice", "error", trained) in found
    assert ("list_leak", "warning", held) in found
