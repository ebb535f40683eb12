"""Нарезка папки: что получается, что сохраняется и что переделывается при повторе."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from filelock import FileLock

from tts_framework.errors import ConfigError, DataError
from tts_framework.speech.audio import write_wav
from tts_framework.speech.corpora import manifest, table
from tts_framework.speech.segmenting import SegmentSettings, segment

from .conftest import ENERGY, RATE, Cut, Talk, contents


def clips(corpus: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (corpus / "segments.jsonl").read_text().splitlines()]


def test_each_phrase_becomes_a_clip_with_kept_margins(
    tmp_path: Path, talk: Talk, raw: Path, cut: Cut
) -> None:
    cut(raw, max_seconds=12, min_seconds=0, max_pause=0.5)
    found = [(c["start"], c["end"]) for c in clips(tmp_path / "corpus") if c["id"] < "second"]
    assert len(found) == len(talk.phrases)
    for (start, end), (first, last) in zip(found, talk.phrases):
        assert first - 0.25 < start <= first and last <= end < last + 0.25


def test_clips_are_mono_pcm16_at_the_corpus_rate_and_all_are_in_the_table(
    tmp_path: Path, raw: Path, cut: Cut
) -> None:
    summary = cut(raw)
    corpus = tmp_path / "corpus"
    rows = table.read(corpus)
    assert summary.clips == len(rows) == len(clips(corpus)) == len(list(corpus.glob("wavs/*")))
    for row, clip in zip(rows, clips(corpus), strict=True):
        info = soundfile.info(table.wav(corpus, row.id))
        assert (info.samplerate, info.channels, info.subtype) == (22050, 1, "PCM_16")
        assert row.seconds == pytest.approx(info.duration, abs=0.001) == clip["seconds"]
        assert (row.id, row.source, row.text) == (clip["id"], clip["source"], "")
        assert clip["snr_db"] > 20 and clip["clipped"] == 0 and clip["peak_db"] <= 0
        assert -40 < clip["loudness_lufs"] < -5
    section = manifest.read(corpus)["segment"]
    assert section["complete"] and section["clips"] == len(rows) and section["sources"] == 2


def test_a_clip_sounds_as_its_place_in_the_recording(
    tmp_path: Path, talk: Talk, raw: Path, cut: Cut
) -> None:
    cut(raw, rate=RATE)
    corpus = tmp_path / "corpus"
    for clip in clips(corpus):
        samples, _ = soundfile.read(corpus / "wavs" / f"{clip['id']}.wav", dtype="float32")
        start = round(clip["start"] * RATE)
        np.testing.assert_allclose(samples, talk.samples[start : start + len(samples)], atol=1e-4)


def test_lengths_stay_in_the_range_where_pauses_allow(raw: Path, cut: Cut) -> None:
    summary = cut(raw, min_seconds=3, max_seconds=8)
    assert (summary.short, summary.long) == (0, 0)


def test_loudness_is_normalised_on_request(tmp_path: Path, raw: Path, cut: Cut) -> None:
    cut(raw, loudness=-30)
    for clip in clips(tmp_path / "corpus"):
        assert clip["loudness_lufs"] == pytest.approx(-30, abs=0.1)
        assert clip["gain_db"] != 0


def test_a_loudness_out_of_reach_does_not_overload_the_peak(
    tmp_path: Path, raw: Path, cut: Cut
) -> None:
    cut(raw, loudness=-6)
    assert all(clip["peak_db"] <= -0.99 for clip in clips(tmp_path / "corpus"))


def test_two_processes_make_the_same_corpus_as_one(tmp_path: Path, raw: Path, cut: Cut) -> None:
    cut(raw, tmp_path / "one")
    cut(raw, tmp_path / "two", workers=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_second_run_changes_nothing(tmp_path: Path, raw: Path, cut: Cut) -> None:
    cut(raw)
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "corpus/wavs").iterdir()}
    assert cut(raw).ready == 2
    assert before == {p: p.stat().st_mtime_ns for p in (tmp_path / "corpus/wavs").iterdir()}


def test_an_added_recording_leaves_the_others_and_their_texts_alone(
    tmp_path: Path, raw: Path, cut: Cut
) -> None:
    cut(raw)
    corpus = tmp_path / "corpus"
    table.write(corpus, [replace(row, text="слова") for row in table.read(corpus)])
    shutil.copy(raw / "second.wav", raw / "another.wav")
    assert cut(raw).ready == 2
    texts = {row.source: row.text for row in table.read(corpus)}
    assert texts == {"first.wav": "слова", "second.wav": "слова", "another.wav": ""}


def test_a_changed_recording_is_cut_again_and_loses_its_texts(
    tmp_path: Path, talk: Talk, raw: Path, cut: Cut
) -> None:
    cut(raw)
    corpus = tmp_path / "corpus"
    table.write(corpus, [replace(row, text="слова") for row in table.read(corpus)])
    write_wav(raw / "first.wav", talk.samples[: 5 * RATE], RATE)
    assert cut(raw).ready == 1
    rows = table.read(corpus)
    assert {row.source: row.text for row in rows} == {"first.wav": "", "second.wav": "слова"}
    assert {path.stem for path in corpus.glob("wavs/*")} == {row.id for row in rows}


def test_a_touched_recording_with_the_same_content_is_not_cut_again(raw: Path, cut: Cut) -> None:
    cut(raw)
    os.utime(raw / "first.wav")
    assert cut(raw).ready == 2


def test_a_removed_recording_takes_its_clips_along(tmp_path: Path, raw: Path, cut: Cut) -> None:
    cut(raw)
    (raw / "first.wav").unlink()
    assert cut(raw).removed == 1
    corpus = tmp_path / "corpus"
    assert {row.source for row in table.read(corpus)} == {"second.wav"}
    assert {path.stem for path in corpus.glob("wavs/*")} == {r.id for r in table.read(corpus)}


def test_a_wrong_folder_does_not_erase_the_corpus(
    tmp_path: Path, talk: Talk, raw: Path, cut: Cut
) -> None:
    cut(raw)
    before = contents(tmp_path / "corpus")
    write_wav(tmp_path / "other/third.wav", talk.samples, RATE)
    with pytest.raises(DataError, match="none of the 2 recordings"):
        cut(tmp_path / "other")
    assert contents(tmp_path / "corpus") == before


def test_a_clip_removed_by_a_person_stays_removed(tmp_path: Path, raw: Path, cut: Cut) -> None:
    cut(raw)
    corpus = tmp_path / "corpus"
    first, *rest = table.read(corpus)
    table.write(corpus, rest)
    table.wav(corpus, first.id).unlink()
    assert cut(raw).ready == 2
    assert [row.id for row in table.read(corpus)] == [row.id for row in rest]


def test_a_lost_clip_is_made_again(tmp_path: Path, raw: Path, cut: Cut) -> None:
    cut(raw)
    lost = next((tmp_path / "corpus/wavs").iterdir())
    before = lost.read_bytes()
    lost.write_bytes(before[:100])
    assert cut(raw).ready == 1
    assert lost.read_bytes() == before


def test_other_settings_are_an_error_until_redo(tmp_path: Path, raw: Path, cut: Cut) -> None:
    cut(raw)
    with pytest.raises(ConfigError, match=r"segment\.max_seconds: .* 4\.0, now 8\.0.*--redo"):
        cut(raw, max_seconds=8)
    cut(raw, max_seconds=8, redo=True)
    cut(raw, tmp_path / "fresh", max_seconds=8)
    assert contents(tmp_path / "corpus") == contents(tmp_path / "fresh")


def test_a_foreign_corpus_is_left_alone(tmp_path: Path, raw: Path, cut: Cut) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    table.write(corpus, [table.Row("a", "text", 1.0)])
    with pytest.raises(DataError, match=r"holds metadata\.csv that .* did not make"):
        cut(raw)
    assert table.read(corpus) == [table.Row("a", "text", 1.0)]


def test_two_runs_at_once_are_refused(tmp_path: Path, raw: Path, cut: Cut) -> None:
    cut(raw)
    with FileLock(tmp_path / "corpus/.segment/lock"):
        with pytest.raises(DataError, match="another process is segmenting"):
            cut(raw)


def test_the_corpus_inside_the_raw_folder_is_not_cut_itself(raw: Path, cut: Cut) -> None:
    assert cut(raw, raw / "corpus").sources == cut(raw, raw / "corpus").sources == 2


def test_progress_is_in_seconds_of_sound(tmp_path: Path, raw: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    segment(raw, tmp_path / "c", SegmentSettings(), ENERGY, lambda *a: seen.append(a), 1)
    total = int(sum(soundfile.info(path).duration for path in raw.iterdir()))
    assert seen[-1] == (total, total, "segmenting")
    assert [done for done, _, _ in seen] == sorted(done for done, _, _ in seen)
