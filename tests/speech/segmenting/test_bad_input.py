"""Негодные и необычные записи: негодная названа одной строкой и не мешает остальным."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tts_framework.errors import DataError
from tts_framework.speech.audio import resample
from tts_framework.speech.corpora import table

from .conftest import RATE, Cut, Talk

Spoil = Callable[[Path, Talk], None]


def zero_length(path: Path, talk: Talk) -> None:
    path.write_bytes(b"")


def no_samples(path: Path, talk: Talk) -> None:
    soundfile.write(path, np.zeros(0), RATE)


def truncated(path: Path, talk: Talk) -> None:
    soundfile.write(path, talk.samples, RATE)
    os.truncate(path, path.stat().st_size // 2)


def truncated_flac(path: Path, talk: Talk) -> None:
    soundfile.write(path, talk.samples, RATE, format="FLAC")
    os.truncate(path, path.stat().st_size // 2)


def text(path: Path, talk: Talk) -> None:
    path.write_text("это не звук\n" * 100)


def silent(path: Path, talk: Talk) -> None:
    soundfile.write(path, np.zeros(5 * RATE), RATE)


def steady_noise(path: Path, talk: Talk) -> None:
    soundfile.write(path, np.random.default_rng(0).standard_normal(5 * RATE) * 0.05, RATE)


def nan(path: Path, talk: Talk) -> None:
    samples = talk.samples.copy()
    samples[RATE] = np.nan
    soundfile.write(path, samples, RATE, subtype="FLOAT")


def infinite(path: Path, talk: Talk) -> None:
    samples = talk.samples.copy()
    samples[-1] = np.inf
    soundfile.write(path, samples, RATE, subtype="DOUBLE")


BAD = {
    zero_length: "empty file",
    no_samples: "no samples",
    truncated: "truncated, .* bytes are missing",
    truncated_flac: "broken sound file|truncated",
    text: "libsndfile does not read it; install ffmpeg|not a sound file that ffmpeg reads",
    silent: "no speech found",
    steady_noise: "no speech found",
    nan: "contains NaN",
    infinite: "contains NaN or infinite",
}


@pytest.mark.parametrize("spoil", BAD, ids=lambda spoil: spoil.__name__)
def test_a_bad_file_is_one_line_and_the_rest_is_segmented(
    tmp_path: Path, talk: Talk, raw: Path, cut: Cut, spoil: Spoil
) -> None:
    spoil(raw / "bad.wav", talk)
    summary = cut(raw)
    (problem,) = summary.problems
    assert problem.startswith(f"{raw / 'bad.wav'}: ") and "\n" not in problem
    assert re.search(BAD[spoil], problem), problem
    assert {row.source for row in table.read(tmp_path / "corpus")} == {"first.wav", "second.wav"}


def test_only_bad_files_are_an_error_that_names_each(tmp_path: Path, talk: Talk, cut: Cut) -> None:
    folder = tmp_path / "bad"
    folder.mkdir()
    zero_length(folder / "a.wav", talk)
    text(folder / "b.wav", talk)
    with pytest.raises(DataError) as caught:
        cut(folder)
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        str(folder / "a.wav"),
        str(folder / "b.wav"),
        str(folder),
    ]


def test_a_file_that_turned_bad_loses_its_clips(
    tmp_path: Path, talk: Talk, raw: Path, cut: Cut
) -> None:
    cut(raw)
    truncated(raw / "first.wav", talk)
    assert len(cut(raw).problems) == 1
    assert {row.source for row in table.read(tmp_path / "corpus")} == {"second.wav"}


def test_when_every_file_turned_bad_the_table_is_empty_too(
    tmp_path: Path, talk: Talk, raw: Path, cut: Cut
) -> None:
    cut(raw)
    for path in raw.iterdir():
        truncated(path, talk)
    with pytest.raises(DataError, match="no good recording is left"):
        cut(raw)
    assert table.read(tmp_path / "corpus") == []
    assert list((tmp_path / "corpus/wavs").iterdir()) == []


@pytest.mark.parametrize(
    ("suffix", "rate", "channels", "subtype"),
    [
        ("wav", RATE, 1, "PCM_U8"),
        ("wav", RATE, 2, "PCM_24"),
        ("wav", RATE, 1, "FLOAT"),
        ("wav", 96000, 1, "PCM_16"),
        ("wav", RATE, 7, "PCM_16"),
        ("wav", 8000, 1, "ULAW"),
        ("flac", 44100, 2, "PCM_16"),
        ("ogg", 48000, 2, "VORBIS"),
        ("mp3", 44100, 1, "MPEG_LAYER_III"),
    ],
)
def test_any_width_rate_and_channel_count_gives_the_same_clips(
    tmp_path: Path, talk: Talk, cut: Cut, suffix: str, rate: int, channels: int, subtype: str
) -> None:
    samples = resample(talk.samples, RATE, rate)
    folder = tmp_path / "raw"
    folder.mkdir()
    many = np.tile(samples[:, None], (1, channels))
    soundfile.write(folder / f"a.{suffix}", many, rate, subtype=subtype)
    summary = cut(folder, max_seconds=12, min_seconds=0, max_pause=0.5)
    assert summary.problems == () and summary.clips == len(talk.phrases)
    assert summary.low_rate == (rate < 22050)
    spoken = sum(end - start for start, end in talk.phrases)
    assert summary.seconds == pytest.approx(spoken + 0.2 * len(talk.phrases), abs=0.5)


def test_clipping_is_counted_before_mixing_down(tmp_path: Path, talk: Talk, cut: Cut) -> None:
    folder = tmp_path / "raw"
    folder.mkdir()
    loud = np.clip(talk.samples * 20, -1, 1)
    soundfile.write(folder / "a.wav", np.stack([loud, 0 * loud], axis=1), RATE)
    cut(folder)
    lines = (tmp_path / "corpus/segments.jsonl").read_text().splitlines()
    shares = [json.loads(line)["clipped"] for line in lines]
    assert min(shares) > 0.001
    expected = np.mean(np.abs(loud) >= 0.9999)
    assert np.mean(shares) == pytest.approx(expected, rel=0.5)


@pytest.mark.parametrize(
    "name", ["with space.wav", "Глава 1.wav", "new\nline.wav", "a|b.wav", "-dash.wav", "..x..wav"]
)
def test_any_file_name_becomes_safe_ids(tmp_path: Path, raw: Path, cut: Cut, name: str) -> None:
    shutil.move(raw / "first.wav", raw / name)
    corpus = tmp_path / "corpus"
    if name.startswith("."):
        assert cut(raw).sources == 1, "скрытое не читается"
        return
    assert cut(raw).sources == 2
    rows = [row for row in table.read(corpus) if row.source != "second.wav"]
    assert rows and all(row.id.isascii() and table.wav(corpus, row.id).is_file() for row in rows)
    lines = (corpus / "segments.jsonl").read_text("utf-8").splitlines()
    assert name in {json.loads(line)["source"] for line in lines}


def test_a_name_that_is_not_utf8_is_a_problem(raw: Path, cut: Cut) -> None:
    shutil.copy(raw / "second.wav", os.fsencode(raw) + b"/\xff.wav")
    (problem,) = cut(raw).problems
    assert "the name is not UTF-8; rename the file" in problem
    problem.encode()


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path, raw: Path, cut: Cut) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    shutil.copy(raw / "first.wav", outside / "secret.wav")
    (raw / "link.wav").symlink_to(outside / "secret.wav")
    (raw / "folder").symlink_to(outside)
    (raw / "nowhere.wav").symlink_to(raw / "no-such.wav")
    (raw / "again.wav").symlink_to(raw / "first.wav")
    summary = cut(raw)
    assert summary.sources == 2
    assert [problem.partition(": ")[2] for problem in summary.problems] == [
        "a link that leads out of the folder; copy the recording in",
        "a link that leads out of the folder; copy the recording in",
        "a link to nothing; remove it",
    ]


def test_files_that_are_not_sounds_are_only_counted(raw: Path, cut: Cut) -> None:
    (raw / "notes.txt").write_text("hello")
    (raw / ".hidden.wav").write_text("hello")
    summary = cut(raw)
    assert (summary.others, summary.problems) == (1, ())


def test_folders_without_recordings_are_errors(tmp_path: Path, cut: Cut) -> None:
    with pytest.raises(DataError, match="no such folder"):
        cut(tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no recordings found"):
        cut(tmp_path / "empty")
