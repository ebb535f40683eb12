"""id клипов: безопасный ASCII, без повторов, не зависит от новых записей."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tts_framework.speech.segmenting.naming import printable, slugs

NAMES = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), unique=True)


def test_a_plain_name_is_kept_and_another_is_marked_with_a_hash() -> None:
    found = slugs(["take_1.wav", "Глава 1.wav", "disc 1/take_1.flac"], {})
    assert found["take_1.wav"] == "take_1"
    assert re.fullmatch(r"Glava_1_[0-9a-f]{6}", found["Глава 1.wav"])
    assert re.fullmatch(r"disc_1_take_1_[0-9a-f]{6}", found["disc 1/take_1.flac"])


@given(NAMES)
def test_slugs_are_safe_and_differ_even_without_case(names: list[str]) -> None:
    found = slugs(names, {})
    assert len({slug.lower() for slug in found.values()}) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", slug) for slug in found.values())


@given(NAMES, NAMES)
def test_new_recordings_do_not_change_the_slugs_given_before(
    before: list[str], added: list[str]
) -> None:
    known = slugs(before, {})
    everything = slugs(sorted({*before, *added}), known)
    assert {name: everything[name] for name in before} == known


def test_two_formats_of_one_name_differ() -> None:
    found = slugs(["a.flac", "a.wav", "A.mp3"], {})
    assert len({slug.lower() for slug in found.values()}) == 3


def test_a_name_that_the_table_cannot_hold_becomes_its_slug() -> None:
    assert printable("Глава 1.wav", "x") == "Глава 1.wav"
    assert [printable(name, "x") for name in ("a|b", "a\nb", " a")] == ["x", "x", "x"]
