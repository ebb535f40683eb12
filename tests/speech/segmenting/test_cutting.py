"""Разрезы только в паузах, длины в пределах, поля не дальше середины паузы."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.speech.segmenting.cutting import cut
from tts_framework.speech.segmenting.settings import SegmentSettings

SETTINGS = SegmentSettings(min_seconds=2, max_seconds=10)


def regions(*lengths: float) -> np.ndarray:
    """Отрезки речи из чередования: речь, пауза, речь, ..."""
    edges = 1 + np.cumsum([0, *lengths])
    return np.stack([edges[:-1:2], edges[1::2]], axis=1)


@st.composite
def talks(draw: st.DrawFn) -> np.ndarray:
    count = draw(st.integers(1, 40))
    speech = st.floats(0.1, 4)
    pause = st.floats(0.1, 3)
    lengths = [draw(speech)]
    for _ in range(count - 1):
        lengths += [draw(pause), draw(speech)]
    return regions(*lengths)


@given(talks(), st.floats(0, 0.5))
def test_every_region_is_whole_in_exactly_one_clip(found: np.ndarray, margin: float) -> None:
    settings = SETTINGS.model_copy(update={"margin": margin})
    clips = cut(found, found[-1, 1] + 1, settings)
    np.testing.assert_array_equal(np.concatenate([clip.speech for clip in clips]), found)
    for clip in clips:
        assert clip.start <= clip.speech[0, 0] and clip.speech[-1, 1] <= clip.end
        assert clip.speech[0, 0] - clip.start <= margin + 1e-9
        assert clip.end - clip.speech[-1, 1] <= margin + 1e-9


@given(talks())
def test_clips_do_not_overlap_and_none_is_too_long(found: np.ndarray) -> None:
    clips = cut(found, found[-1, 1] + 1, SETTINGS)
    assert all(one.end <= two.start + 1e-9 for one, two in zip(clips, clips[1:]))
    assert all(clip.seconds <= SETTINGS.max_seconds + 1e-9 for clip in clips)


@given(talks())
def test_no_clip_goes_across_a_long_pause(found: np.ndarray) -> None:
    for clip in cut(found, found[-1, 1] + 1, SETTINGS):
        pauses = clip.speech[1:, 0] - clip.speech[:-1, 1]
        assert len(pauses) == 0 or pauses.max() < SETTINGS.max_pause


def test_short_regions_join_their_neighbours() -> None:
    (clip,) = cut(regions(0.5, 0.4, 0.5, 0.4, 1.5), 10, SETTINGS)
    assert len(clip.speech) == 3


def test_a_long_stretch_is_split_at_the_best_pause() -> None:
    found = regions(3, 0.25, 3, 0.8, 3, 0.25, 3)
    clips = cut(found, 20, SETTINGS)
    assert [len(clip.speech) for clip in clips] == [2, 2]


def test_a_pause_below_min_pause_is_used_only_when_needed() -> None:
    assert [len(c.speech) for c in cut(regions(4, 0.12, 4), 20, SETTINGS)] == [2]
    assert [len(c.speech) for c in cut(regions(8, 0.12, 8), 20, SETTINGS)] == [1, 1]


def test_a_stretch_without_pauses_stays_whole() -> None:
    (clip,) = cut(regions(15), 20, SETTINGS)
    assert clip.seconds > 15


def test_silence_gives_no_clips() -> None:
    assert cut(np.zeros((0, 2)), 10, SETTINGS) == []
