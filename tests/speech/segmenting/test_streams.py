"""Поток кусками — то же, что вся запись сразу."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.speech.audio import resample
from tts_framework.speech.segmenting.reading import Sound
from tts_framework.speech.segmenting.streams import even, resampled


def sound(samples: np.ndarray, rate: int, block: int, channels: int = 1) -> Sound:
    def blocks() -> Iterator[np.ndarray]:
        for at in range(0, len(samples), block):
            yield np.tile(samples[at : at + block, None], (1, channels))

    return Sound(rate, channels, blocks())


@pytest.mark.parametrize(("source", "target"), [(8000, 22050), (48000, 16000), (16000, 16000)])
def test_a_stream_is_aligned_with_the_recording(source: int, target: int) -> None:
    samples = np.random.default_rng(0).standard_normal(source).astype(np.float32) * 0.1
    pieces = resampled(sound(samples, source, 1000, 3), target, lambda block: None)
    np.testing.assert_allclose(
        np.concatenate(list(pieces)), resample(samples, source, target), atol=1e-4
    )


@given(st.lists(st.integers(0, 50), max_size=20), st.integers(1, 30), st.integers(1, 7))
def test_even_pieces_keep_every_sample_in_order(
    lengths: list[int], size: int, multiple: int
) -> None:
    whole = np.arange(1, sum(lengths) + 1, dtype=np.float32)
    given_pieces = np.split(whole, np.cumsum(lengths)[:-1]) if lengths else []
    pieces = list(even(given_pieces, size, multiple))
    assert all(len(piece) % multiple == 0 for piece in pieces)
    joined = np.concatenate([np.zeros(0), *pieces])
    np.testing.assert_array_equal(joined[: len(whole)], whole)
    assert len(joined) - len(whole) < multiple and not joined[len(whole) :].any()
