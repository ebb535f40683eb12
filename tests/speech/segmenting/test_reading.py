"""Чтение звука кусками; чего не читает libsndfile, читает настоящий ffmpeg, если он есть."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tts_framework.errors import DataError
from tts_framework.speech import ffmpeg
from tts_framework.speech.segmenting.reading import opened, seconds

from .conftest import RATE, Cut, Talk

needs_ffmpeg = pytest.mark.skipif(ffmpeg.program() is None, reason="needs the ffmpeg program")


def encode(talk: Talk, path: Path) -> None:
    wav = path.with_suffix(".in.wav")
    soundfile.write(wav, np.stack([talk.samples, talk.samples], axis=1), RATE)
    subprocess.run([str(ffmpeg.program()), "-v", "error", "-i", wav, path], check=True)
    wav.unlink()


def test_blocks_join_into_the_whole_recording(tmp_path: Path, talk: Talk) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, talk.samples, RATE, subtype="FLOAT")
    with opened(path) as sound:
        pieces = list(sound.blocks)
    assert len(pieces) > 1 and max(map(len, pieces)) <= 4 * RATE
    np.testing.assert_array_equal(np.concatenate(pieces)[:, 0], talk.samples)
    assert seconds(path) == pytest.approx(len(talk.samples) / RATE)


def test_without_ffmpeg_the_message_tells_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.m4a"
    path.write_bytes(b"\0\0\0\x1cftypM4A " + bytes(100))
    monkeypatch.setattr(ffmpeg, "program", lambda: None)
    with pytest.raises(DataError, match=r"a\.m4a: .*apt install ffmpeg.*convert it"):
        with opened(path):
            pass


@needs_ffmpeg
def test_ffmpeg_reads_what_libsndfile_does_not(tmp_path: Path, talk: Talk, cut: Cut) -> None:
    folder = tmp_path / "raw"
    folder.mkdir()
    encode(talk, folder / "-a b.m4a")
    summary = cut(folder, max_seconds=12, min_seconds=0, max_pause=0.5)
    assert summary.clips == len(talk.phrases)
    assert summary.raw_seconds == pytest.approx(len(talk.samples) / RATE, abs=0.2)


@needs_ffmpeg
def test_a_broken_file_is_refused_with_the_reason_of_ffmpeg(tmp_path: Path, talk: Talk) -> None:
    whole = tmp_path / "a.m4a"
    encode(talk, whole)
    broken = tmp_path / "b.m4a"
    broken.write_bytes(whole.read_bytes()[:2000])
    with pytest.raises(DataError, match=r"b\.m4a: not a sound file that ffmpeg reads \(.+\)"):
        with opened(broken) as sound:
            list(sound.blocks)


@needs_ffmpeg
def test_ffmpeg_opens_nothing_but_the_file_itself(tmp_path: Path) -> None:
    path = tmp_path / "list.m4a"
    path.write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.aac\n")
    with pytest.raises(DataError, match="not a sound file"):
        with opened(path) as sound:
            list(sound.blocks)


def test_the_program_of_the_wheel_serves_where_the_system_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("imageio_ffmpeg")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "imageio_ffmpeg" in str(ffmpeg.program())
