"""Пачки: порядок клипов, их сборка и поток чтения."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tts_framework.components import TrainingContext
from tts_framework.errors import DataError
from tts_framework.training.feed import Feed
from tts_framework.training.length_buckets import LengthBuckets, Place
from ttsf_tacotron2.batches import Clips

LENGTHS = st.lists(st.integers(1, 2000), min_size=1, max_size=60)
SIZES = st.integers(1, 25)
SEEDS = st.integers(0, 2**40)


def walk(order: LengthBuckets, place: Place, batches: int) -> tuple[list[list[int]], Place]:
    taken = []
    for _ in range(batches):
        batch, place = order.take(place)
        taken.append(batch)
    return taken, place


def epoch(order: LengthBuckets, place: Place) -> list[list[int]]:
    """Пачки до конца текущей эпохи."""
    number, taken = place.epoch, []
    while place.epoch == number:
        batch, place = order.take(place)
        taken.append(batch)
    return taken


@given(LENGTHS, SIZES, SEEDS, st.integers(0, 5))
def test_every_clip_is_seen_exactly_once_an_epoch(
    lengths: list[int], size: int, seed: int, number: int
) -> None:
    batches = epoch(LengthBuckets(lengths, seed), Place(size, epoch=number))
    assert sorted(clip for batch in batches for clip in batch) == list(range(len(lengths)))


@given(LENGTHS, SIZES, SEEDS)
def test_batches_hold_at_most_the_asked_number_and_differ_by_one(
    lengths: list[int], size: int, seed: int
) -> None:
    sizes = [len(batch) for batch in epoch(LengthBuckets(lengths, seed), Place(size))]
    assert max(sizes) <= size and max(sizes) - min(sizes) <= 1


@given(LENGTHS, SIZES, SEEDS, st.integers(0, 40), st.integers(1, 10))
def test_the_order_resumes_at_any_place(
    lengths: list[int], size: int, seed: int, before: int, after: int
) -> None:
    _, place = walk(LengthBuckets(lengths, seed), Place(size), before)
    straight, _ = walk(LengthBuckets(lengths, seed), Place(size), before + after)
    order = LengthBuckets(lengths, seed)
    resumed = order.resume(json.loads(json.dumps(place.to_dict())), size)
    assert walk(order, resumed, after)[0] == straight[before:]


@given(LENGTHS, st.lists(SIZES, min_size=2, max_size=5), SEEDS, st.data())
def test_every_clip_is_seen_once_though_the_batch_size_changes_on_the_way(
    lengths: list[int], sizes: list[int], seed: int, data: st.DataObject
) -> None:
    order, place, seen = LengthBuckets(lengths, seed), Place(sizes[0]), []
    for size in sizes[1:]:
        left = len(epoch(order, place))
        taken, place = walk(order, place, data.draw(st.integers(0, left - 1)))
        seen += taken
        place = order.resize(place, size)
        assert place.epoch == 0
    seen += epoch(order, place)
    assert sorted(clip for batch in seen for clip in batch) == list(range(len(lengths)))


@settings(max_examples=30)
@given(SEEDS)
def test_a_batch_holds_clips_of_similar_length(seed: int) -> None:
    lengths = list(range(100, 900, 8))
    spreads = [
        max(lengths[clip] for clip in batch) / min(lengths[clip] for clip in batch)
        for batch in epoch(LengthBuckets(lengths, seed), Place(10))
    ]
    assert float(np.median(spreads)) < 2


def test_epochs_and_seeds_are_shuffled_differently() -> None:
    order = LengthBuckets(range(100, 200), seed=1)
    first = epoch(order, Place(8))
    assert first != epoch(order, Place(8, epoch=1))
    assert first != epoch(LengthBuckets(range(100, 200), seed=2), Place(8))


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"batch_size": 0, "epoch": 0, "batch": 0, "spent": []},
        {"batch_size": 4, "epoch": 0, "batch": 99, "spent": []},
        {"batch_size": 4, "epoch": "x", "batch": 0, "spent": []},
        {"batch_size": 4, "epoch": 0, "batch": 0, "spent": list(range(10))},
        {"batch_size": 4, "epoch": -1, "batch": 0, "spent": []},
    ],
)
def test_a_damaged_place_is_named(record: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        LengthBuckets(range(1, 11), seed=1).resume(record, 4)


def test_a_batch_is_padded_with_zeros_to_its_longest_clip(context: TrainingContext) -> None:
    clips = Clips(context.train, context)
    batch = clips.batch([0, 1, 2])
    assert batch.mels.shape[2] == int(batch.mel_lengths.max())
    for row in range(3):
        assert batch.text[row, : batch.text_lengths[row]].all()
        assert not batch.text[row, batch.text_lengths[row] :].any()
        assert not batch.mels[row, :, batch.mel_lengths[row] :].any()
        assert int(batch.mel_lengths[row]) == clips.frames[row]


def test_the_feed_gives_the_same_batches_after_its_place_was_kept(
    context: TrainingContext,
) -> None:
    clips = Clips(context.train, context)
    straight, stopped = (Feed(clips, 3, seed=5, pin=False) for _ in range(2))
    expected = [straight.next() for _ in range(9)]
    for _ in range(4):
        stopped.next()
    resumed = Feed(clips, 3, seed=0, pin=False)
    assert resumed.restore(json.loads(json.dumps(stopped.to_dict())))
    for batch in expected[4:]:
        assert torch.equal(resumed.next().mels, batch.mels)
    for feed in (straight, stopped, resumed):
        feed.close()


def test_the_feed_says_when_the_clips_are_other_ones(
    context: TrainingContext, tmp_path: Path
) -> None:
    clips = Clips(context.train, context)
    feed = Feed(clips, 2, seed=5, pin=False)
    feed.next()
    fewer = tmp_path / "train.csv"
    lines = context.train.read_text("utf-8").splitlines()[:3]
    fewer.write_text("\n".join(f"{context.train.parent}/{line}" for line in lines), "utf-8")
    other = Feed(Clips(fewer, replace(context, allow_outside=True)), 2, seed=5, pin=False)
    assert not other.restore(feed.to_dict())
    assert other.to_dict()["epoch"] == other.to_dict()["batch"] == 0
    feed.close()


def test_a_batch_larger_than_the_corpus_holds_all_of_it(context: TrainingContext) -> None:
    clips = Clips(context.train, context)
    feed = Feed(clips, 1000, seed=5, pin=False)
    assert len(feed.next().text) == len(clips)
    feed.close()


def test_a_clip_that_vanishes_is_reported_by_the_next_batch(
    context: TrainingContext, tmp_path: Path
) -> None:
    wav = tmp_path / "only.wav"
    line = context.train.read_text("utf-8").splitlines()[0]
    name, _, text = line.partition("|")
    wav.write_bytes((context.train.parent / name).read_bytes())
    listed = tmp_path / "train.csv"
    listed.write_text(f"only.wav|{text}\n", "utf-8")
    clips = Clips(listed, replace(context, cache=tmp_path / "cache"))
    feed = Feed(clips, 1, seed=5, pin=False)
    feed.next()
    wav.unlink()
    with pytest.raises(DataError, match="only.wav"):
        for _ in range(10):
            feed.next()
    feed.close()
