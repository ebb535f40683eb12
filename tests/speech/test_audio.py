"""audio: файл читается таким, каким записан, а негодный назван вместе с причиной."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tts_framework.errors import DataError, DiskFull
from tts_framework.speech.audio import read_header, read_wav, resample, write_wav

RATE = 16000
TONE = 0.5 * np.sin(np.arange(RATE) * 2 * np.pi * 440 / RATE).astype(np.float32)


def test_what_was_written_is_read_back_within_pcm16_rounding(tmp_path: Path) -> None:
    write_wav(tmp_path / "deep" / "tone.wav", TONE, RATE)
    samples = read_wav(tmp_path / "deep" / "tone.wav", RATE)
    assert samples.dtype == np.float32
    np.testing.assert_allclose(samples, TONE, atol=1 / 32767)


def test_header_knows_rate_channels_and_length_without_reading_samples(spoken: Path) -> None:
    header = read_header(spoken / "wavs" / "syn_00001.wav")
    assert (header.sampling_rate, header.channels, header.floating) == (RATE, 1, False)
    assert header.seconds == pytest.approx(header.frames / RATE)


def test_samples_out_of_range_are_clipped_not_wrapped(tmp_path: Path) -> None:
    write_wav(tmp_path / "loud.wav", TONE * 10, RATE)
    samples = read_wav(tmp_path / "loud.wav", RATE)
    assert samples.max() > 0.99
    assert np.sign(samples[10]) == np.sign(TONE[10])


def test_writing_leaves_no_temporary_files(tmp_path: Path) -> None:
    write_wav(tmp_path / "tone.wav", TONE, RATE)
    assert [file.name for file in tmp_path.iterdir()] == ["tone.wav"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "broken sound file"),
        (b"\x00" * 1000, "broken sound file"),
        (b"RIFF\x10\x00\x00\x00WAVEjunkjunkjunk", "broken sound file"),
        ("просто текст".encode(), "broken sound file"),
    ],
)
def test_a_broken_file_is_named_with_its_reason(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "bad.wav"
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"bad.wav: {reason}"):
        read_header(path)


def test_a_truncated_file_is_noticed_by_its_header_alone(tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    write_wav(path, TONE, RATE)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(DataError, match="truncated, 1000 bytes are missing"):
        read_header(path)


def test_a_streamed_file_without_a_size_in_its_header_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "streamed.wav"
    write_wav(path, TONE, RATE)
    content = bytearray(path.read_bytes())
    content[4:8] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    assert read_header(path).frames == len(TONE)


def test_a_missing_file_and_a_folder_are_not_sound_files(tmp_path: Path) -> None:
    for path in (tmp_path / "no.wav", tmp_path):
        with pytest.raises(DataError, match="no such file"):
            read_header(path)


def test_another_rate_and_stereo_are_named_together(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.zeros((1000, 2)), 22050)
    with pytest.raises(DataError) as caught:
        read_wav(path, RATE)
    assert len(caught.value.problems) == 2
    assert "sample rate 22050, expected 16000" in caught.value.problems[0]
    assert "2 channels, expected 1" in caught.value.problems[1]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_not_finite_are_refused(tmp_path: Path, value: float) -> None:
    path = tmp_path / "nan.wav"
    soundfile.write(path, np.array([0.0, value, 0.0] * 400), RATE, subtype="FLOAT")
    with pytest.raises(DataError, match="NaN or infinite"):
        read_wav(path, RATE)


def test_resampling_keeps_the_tone_and_its_duration() -> None:
    doubled = resample(TONE, RATE, 2 * RATE)
    assert len(doubled) == 2 * len(TONE)
    spectrum = np.abs(np.fft.rfft(doubled))
    assert np.argmax(spectrum) == pytest.approx(440, abs=1)


def test_resampling_to_the_same_rate_changes_nothing() -> None:
    assert resample(TONE, RATE, RATE) is TONE


def test_a_full_disk_leaves_the_previous_file_and_says_so(tmp_path: Path, full_disk: None) -> None:
    path = tmp_path / "tone.wav"
    path.write_bytes(b"previous")
    with pytest.raises(DiskFull, match="no space left"):
        write_wav(path, TONE, RATE)
    assert path.read_bytes() == b"previous"
    assert [file.name for file in tmp_path.iterdir()] == ["tone.wav"]
