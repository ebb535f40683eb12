"""labels: что записано, то проходит проверку; промежутки становятся паузами."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tts_framework.components import Phone
from tts_framework.speech.importing import labels


@given(
    times=st.lists(st.floats(0, 10), min_size=2, max_size=20, unique=True).map(sorted),
    name=st.text(min_size=1),
)
def test_what_is_written_is_accepted(times: list[float], name: str) -> None:
    phones = [Phone(name, start, end) for start, end in pairwise(times)]
    labels.check(labels.text(phones, 10.0), 10.0)


def test_gaps_become_pauses() -> None:
    phones = [Phone("a", 0.2, 0.4), Phone("b", 0.4, 0.5), Phone("c", 0.7, 1.0)]
    assert labels.text(phones, 1.0).splitlines() == [
        "#",
        "0.20000 125 pau",
        "0.40000 125 a",
        "0.50000 125 b",
        "0.70000 125 pau",
        "1.00000 125 c",
    ]
