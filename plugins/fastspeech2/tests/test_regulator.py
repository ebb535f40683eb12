"""Длительности: повторение по кадрам, средние по символам, целые кадры."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ttsf_fastspeech2 import regulator

ROWS = st.lists(st.lists(st.integers(0, 6), min_size=1, max_size=8), min_size=1, max_size=4)


def padded(rows: list[list[int]]) -> torch.Tensor:
    table = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.int64)
    for row, values in enumerate(rows):
        table[row, : len(values)] = torch.tensor(values)
    return table


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_symbols_are_repeated_as_a_plain_loop_repeats_them(rows: list[list[int]]) -> None:
    durations = padded(rows)
    frames = max(1, int(durations.sum(1).max()))
    values = torch.rand(*durations.shape, 3)
    got = regulator.regulate(values, regulator.owners(durations, frames))
    for row, counts in enumerate(rows):
        naive = [values[row, n] for n, count in enumerate(counts) for _ in range(count)]
        assert torch.equal(got[row, : len(naive)], torch.stack(naive) if naive else got[row, :0])


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_means_of_symbols_agree_with_a_plain_loop(rows: list[list[int]]) -> None:
    durations = padded(rows)
    frames = max(1, int(durations.sum(1).max()))
    rng = np.random.default_rng(len(rows))
    values = torch.from_numpy(rng.normal(size=(len(rows), frames)).astype(np.float32))
    weights = torch.from_numpy(rng.uniform(0.1, 1, size=(len(rows), frames)).astype(np.float32))
    got = regulator.symbol_means(values, weights, durations)
    for row, counts in enumerate(rows):
        start = 0
        for place, count in enumerate(counts):
            part = slice(start, start + count)
            start += count
            naive = np.average(values[row, part], weights=weights[row, part]) if count else 0.0
            assert abs(float(got[row, place]) - naive) < 1e-5


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_places_inside_a_symbol_run_from_its_start_to_its_end(rows: list[list[int]]) -> None:
    durations = padded(rows)
    frames = max(1, int(durations.sum(1).max()))
    places = regulator.frame_places(durations, regulator.owners(durations, frames))
    assert places.shape == (len(rows), frames, regulator.PLACE_FEATURES)
    for row, counts in enumerate(rows):
        expected = [(j + 0.5) / count for count in counts for j in range(count)]
        assert np.allclose(places[row, : len(expected), 0].numpy(), expected, atol=1e-6)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 50), min_size=1, max_size=30))
def test_rounding_to_frames_keeps_the_length(wanted: list[float]) -> None:
    frames = regulator.whole_frames(torch.tensor([wanted]))[0]
    assert (frames >= 0).all()
    assert abs(int(frames.sum()) - sum(wanted)) <= 0.5 + 1e-3
    assert ((frames - torch.tensor(wanted)).abs() <= 1 + 1e-3).all()
