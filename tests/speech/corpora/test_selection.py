"""selection: отбор и деление зависят только от зерна и устойчивы к росту `limit`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.components import Recording
from tts_framework.errors import DataError
from tts_framework.speech.corpora.selection import choose, split

RECORDINGS = [Recording(f"clip_{n:03}", "Да.", Path(f"{n}.wav"), "x") for n in range(100)]
LIMITS = st.integers(2, 100)
SEEDS = st.integers(0, 2**32)


@given(limit=LIMITS, seed=SEEDS, shuffled=st.permutations(RECORDINGS))
def test_the_choice_does_not_depend_on_the_order_of_the_source(
    limit: int, seed: int, shuffled: list[Recording]
) -> None:
    assert choose(shuffled, seed, limit, None) == choose(RECORDINGS, seed, limit, None)


@given(small=LIMITS, large=LIMITS, seed=SEEDS, share=st.sampled_from([0.02, 0.1, 0.3, 0.5]))
def test_a_larger_limit_only_adds_clips_and_moves_none_to_the_other_part(
    small: int, large: int, seed: int, share: float
) -> None:
    small, large = sorted((small, large))
    train, validation = split(choose(RECORDINGS, seed, small, None), share)
    more_train, more_validation = split(choose(RECORDINGS, seed, large, None), share)
    assert more_train[: len(train)] == train
    assert more_validation[: len(validation)] == validation
    assert train and validation
    assert len(train) + len(validation) == small


def test_another_seed_is_another_subset() -> None:
    assert choose(RECORDINGS, 1, 20, None) != choose(RECORDINGS, 2, 20, None)


def test_without_a_limit_everything_is_taken() -> None:
    assert sorted(choose(RECORDINGS, 1, None, None), key=lambda r: r.id) == RECORDINGS


def test_the_share_of_validation_is_kept() -> None:
    for share, expected in ((0.02, 2), (0.1, 10), (0.25, 25), (0.5, 50)):
        assert len(split(RECORDINGS, share)[1]) == expected


def test_long_clips_are_passed_over(spoken: Path) -> None:
    wavs = sorted((spoken / "wavs").iterdir())
    recordings = [Recording(wav.stem, "Да.", wav, "x") for wav in wavs]
    lengths = {wav.stem: wav.stat().st_size for wav in wavs}
    limit = sorted(lengths.values())[3] / 2 / 16000
    chosen = choose(recordings, 1, None, limit)
    assert {r.id for r in chosen} == {
        id for id, size in lengths.items() if size < limit * 32000 + 44
    }


def test_one_clip_is_not_enough_for_two_parts() -> None:
    with pytest.raises(DataError, match="1 clip.* limit 1 and max_seconds None; at least 2"):
        choose(RECORDINGS, 1, 1, None)
