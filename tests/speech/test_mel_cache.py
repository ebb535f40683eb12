"""mel_cache: вычислено однажды, прочитано всегда верное; устаревшее и битое не читается."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tts_framework.errors import DataError, DiskFull
from tts_framework.options import AudioSettings
from tts_framework.speech.audio import read_wav, write_wav
from tts_framework.speech.mel_cache import MelCache
from tts_framework.speech.mels import mel_spectrogram


@pytest.fixture
def clips(tmp_path: Path, spoken: Path) -> list[Path]:
    """Верни копии записей, которые тесту можно портить."""
    shutil.copytree(spoken / "wavs", tmp_path / "wavs")
    return sorted((tmp_path / "wavs").iterdir())


@pytest.fixture
def cache(tmp_path: Path, audio: AudioSettings) -> MelCache:
    return MelCache(tmp_path / "cache", audio)


def again(cache: MelCache) -> MelCache:
    """Открой тот же кэш так, как его откроет следующий процесс."""
    return MelCache(cache.folder.parent, cache.audio)


def test_returns_exactly_what_would_be_computed(cache: MelCache, clips: list[Path]) -> None:
    cache.ensure(clips)
    for clip in clips:
        expected = mel_spectrogram(read_wav(clip, 16000), cache.audio)
        np.testing.assert_array_equal(cache.get(clip), expected)
        assert cache.frames(clip) == expected.shape[1]


def test_computes_each_clip_once_and_tells_how_far_it_is(
    cache: MelCache, clips: list[Path]
) -> None:
    seen: list[tuple[int, int, str]] = []
    assert cache.ensure([*clips, *clips], lambda *progress: seen.append(progress)) == len(clips)
    assert seen == [(n, len(clips), "mel cache") for n in range(1, len(clips) + 1)]
    assert again(cache).ensure(clips) == 0


def test_an_interrupted_preparation_goes_on_where_it_stopped(
    cache: MelCache, clips: list[Path]
) -> None:
    def interrupt(done: int, total: int, what: str) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.ensure(clips, interrupt, workers=1)
    assert again(cache).ensure(clips) <= len(clips) - 2


def test_a_clip_never_prepared_is_computed_when_asked_for(
    cache: MelCache, clips: list[Path]
) -> None:
    assert cache.frames(clips[0]) == cache.get(clips[0]).shape[1]


def test_mels_are_read_only(cache: MelCache, clips: list[Path]) -> None:
    with pytest.raises(ValueError, match="read-only"):
        cache.get(clips[0])[0, 0] = 0


def test_a_changed_recording_is_computed_again(cache: MelCache, clips: list[Path]) -> None:
    cache.ensure(clips)
    write_wav(clips[0], 0.1 * np.sin(np.arange(16000) / 9), 16000)
    fresh = again(cache)
    assert fresh.frames(clips[0]) == 1 + 16000 // 256
    assert fresh.ensure(clips) == 0


def test_a_recording_changed_to_the_same_size_is_noticed(
    cache: MelCache, clips: list[Path]
) -> None:
    before = np.array(cache.get(clips[0]))
    samples = read_wav(clips[0], 16000)
    write_wav(clips[0], samples[::-1], 16000)
    os.utime(clips[0], ns=(1, 1))
    assert again(cache).ensure([clips[0]]) == 1
    assert np.abs(again(cache).get(clips[0]) - before).max() > 0.1


def test_a_recording_changed_under_a_running_training_is_refused(
    cache: MelCache, clips: list[Path]
) -> None:
    cache.get(clips[0])
    write_wav(clips[0], 0.1 * np.sin(np.arange(16000) / 9), 16000)
    with pytest.raises(DataError, match="changed while its mel was in use; restart"):
        cache.get(clips[0])


def test_a_touched_but_equal_recording_is_still_in_use(cache: MelCache, clips: list[Path]) -> None:
    before = np.array(cache.get(clips[0]))
    os.utime(clips[0], ns=(1, 1))
    np.testing.assert_array_equal(cache.get(clips[0]), before)


def test_other_audio_settings_have_another_cache(cache: MelCache, clips: list[Path]) -> None:
    cache.ensure(clips)
    other = MelCache(cache.folder.parent, cache.audio.model_copy(update={"hop_length": 200}))
    assert other.ensure(clips) == len(clips)
    assert other.frames(clips[0]) > cache.frames(clips[0])


def test_entries_carried_in_from_another_cache_are_refused(
    cache: MelCache, clips: list[Path]
) -> None:
    cache.ensure(clips)
    other = MelCache(cache.folder.parent, cache.audio.model_copy(update={"hop_length": 200}))
    shutil.copytree(cache.folder, other.folder)
    assert other.ensure(clips) == len(clips)


def flip_last_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 0xFF
    file.write_bytes(content)


def cut_in_half(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def empty(file: Path) -> None:
    file.write_bytes(b"")


def overwrite(file: Path) -> None:
    file.write_bytes(b"\0" * file.stat().st_size)


@pytest.mark.parametrize("damage", [flip_last_byte, cut_in_half, empty, overwrite, os.remove])
def test_a_damaged_entry_is_computed_again(
    cache: MelCache, clips: list[Path], damage: Callable[[Path], None]
) -> None:
    expected = np.array(cache.get(clips[0]))
    [file] = cache.folder.iterdir()
    damage(file)
    np.testing.assert_array_equal(again(cache).get(clips[0]), expected)
    np.testing.assert_array_equal(again(cache).get(clips[0]), expected)


def test_an_entry_damaged_while_in_use_is_computed_again(
    cache: MelCache, clips: list[Path]
) -> None:
    expected = np.array(cache.get(clips[0]))
    [file] = cache.folder.iterdir()
    os.remove(file)
    np.testing.assert_array_equal(cache.get(clips[0]), expected)


def test_a_bad_recording_stops_the_preparation_by_name(cache: MelCache, clips: list[Path]) -> None:
    clips[2].write_bytes(b"broken")
    with pytest.raises(DataError, match=f"{clips[2].name}: broken sound file"):
        cache.ensure(clips)


def test_a_removed_recording_is_not_served_from_the_cache(
    cache: MelCache, clips: list[Path]
) -> None:
    cache.ensure(clips)
    clips[0].unlink()
    with pytest.raises(DataError, match="no such file"):
        cache.get(clips[0])


def test_a_full_disk_is_said_and_leaves_nothing_half_written(
    cache: MelCache, clips: list[Path], full_disk: None
) -> None:
    with pytest.raises(DiskFull, match="no space left"):
        cache.ensure(clips)
    assert list(cache.folder.iterdir()) == []
