"""sound и convert: любые живые форматы становятся моно PCM16, мёртвые названы с причиной."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tts_framework.errors import DataError
from tts_framework.speech.audio import read_wav, resample
from tts_framework.speech.corpora import table
from tts_framework.speech.importing.sound import load

RATE = 22050


def write_list(source: Path, *names: str) -> None:
    """Назови клипы в metadata.csv раскладки ljspeech."""
    (source / "metadata.csv").write_text("".join(f"{name}|Text of {name}.\n" for name in names))


@pytest.fixture
def living(source: Path, speech: Any) -> dict[str, np.ndarray]:
    """Запиши одно предложение во всех живых видах; верни имя -> ожидаемый звук."""
    samples, rate = speech.samples[1], speech.rate
    wavs = source / "wavs"
    wavs.mkdir()
    fast = resample(samples, rate, 96000)
    weights = np.arange(1, 8) / 7
    seven = samples[:, None] * weights
    soundfile.write(wavs / "u8.wav", samples, rate, "PCM_U8")
    soundfile.write(wavs / "pcm24.wav", samples, rate, "PCM_24")
    soundfile.write(wavs / "float.wav", samples, rate, "FLOAT")
    soundfile.write(wavs / "double.wav", samples, rate, "DOUBLE")
    soundfile.write(wavs / "loud.wav", samples * 4, rate, "FLOAT")
    soundfile.write(wavs / "fast.wav", fast, 96000, "PCM_24")
    soundfile.write(wavs / "seven.wav", seven, rate, "PCM_16")
    soundfile.write(wavs / "slow.wav", resample(samples, rate, 8000), 8000)
    soundfile.write(wavs / "flac.wav", samples, rate, format="FLAC")
    peak = np.abs(samples * 4).max()
    names = ("u8", "pcm24", "float", "double", "fast", "flac")
    return {
        **dict.fromkeys(names, samples),
        "loud": samples * 4 / peak,
        "seven": samples * weights.mean(),
        "slow": samples,
    }


def test_every_living_format_becomes_mono_pcm16(
    source: Path, out: Path, living: dict[str, np.ndarray], bring: Any
) -> None:
    write_list(source, *living)
    imported = bring("ljspeech", rate=RATE)
    assert sorted(imported.source_rates.items()) == [(8000, 1), (22050, 7), (96000, 1)]
    [note] = imported.repaired
    assert note.startswith("loud: louder than full scale (peak ")
    for name, expected in living.items():
        path = table.wav(out, name)
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.subtype) == (RATE, 1, "PCM_16")
        found = read_wav(path, RATE)
        assert abs(len(found) - len(expected)) <= 2
        size = min(len(found), len(expected))
        error = np.sqrt(np.mean((found[:size] - expected[:size]) ** 2))
        allowed = 0.08 if name == "slow" else 0.006
        assert error < allowed, name


def dead(wavs: Path, samples: np.ndarray, rate: int) -> dict[str, str]:
    """Создай по мёртвому файлу каждого рода; верни имя -> что о нём должно быть сказано."""
    soundfile.write(wavs / "empty.wav", samples[:0], rate)
    (wavs / "zero.wav").write_bytes(b"")
    (wavs / "text.wav").write_text("this is not a sound at all\n" * 100)
    soundfile.write(wavs / "cut.wav", samples, rate)
    with open(wavs / "cut.wav", "r+b") as file:
        file.truncate(5000)
    soundfile.write(wavs / "cutflac.wav", samples, rate, format="FLAC")
    with open(wavs / "cutflac.wav", "r+b") as file:
        file.truncate(6000)
    soundfile.write(wavs / "silent.wav", samples * 0, rate)
    soundfile.write(wavs / "nan.wav", np.where(samples > 0.1, np.nan, samples), rate, "FLOAT")
    soundfile.write(wavs / "long.wav", np.zeros(301 * 8000), 8000)
    (wavs / "folder.wav").mkdir()
    return {
        "empty": "no samples; record it again",
        "zero": "empty file",
        "text": "ffmpeg",
        "cut": "truncated, ",
        "cutflac": "broken sound file",
        "silent": "silent from beginning to end",
        "nan": "NaN or infinite",
        "long": "longer than 300 s: a recording, not a clip; cut it with 'ttsf data segment'",
        "folder": "no such file",
    }


def test_every_dead_file_is_named_with_its_line_and_left_out_on_request(
    source: Path, out: Path, living: dict[str, np.ndarray], speech: Any, bring: Any
) -> None:
    expected = dead(source / "wavs", speech.samples[1], speech.rate)
    write_list(source, "pcm24", *expected)
    with pytest.raises(DataError) as caught:
        bring("ljspeech", rate=RATE)
    assert "folder.wav: no such file" in str(caught.value)
    expected.pop("folder")
    write_list(source, "pcm24", *expected)
    with pytest.raises(DataError) as caught:
        bring("ljspeech", rate=RATE)
    *problems, advice = caught.value.problems
    by_line = {one.split(": ")[0].rpartition(":")[2]: one for one in problems}
    assert len(by_line) == len(expected)
    for line, (name, reason) in enumerate(expected.items(), start=2):
        assert f"{name}.wav: " in by_line[str(line)] and reason in by_line[str(line)]
    assert "1 record(s) are good" in advice
    assert not (out / "metadata.csv").exists()
    imported = bring("ljspeech", rate=RATE, skip_bad=True)
    assert [row.id for row in imported.rows] == ["pcm24"] and len(imported.bad) == len(expected)
    assert [path.name for path in (out / "wavs").iterdir()] == ["pcm24.wav"]


@pytest.mark.parametrize("format", ["WAV", "FLAC", "OGG"])
def test_a_segment_is_the_same_samples(tmp_path: Path, speech: Any, format: str) -> None:
    path = tmp_path / f"x.{format.lower()}"
    soundfile.write(path, speech.samples[1], speech.rate, format=format)
    whole, rate = load(path, None, None)
    cut, _ = load(path, 0.2, 0.5)
    assert np.allclose(cut, whole[round(0.2 * rate) : round(0.5 * rate)], atol=1e-3)
    assert len(load(path, 0.2, None)[0]) == len(whole) - round(0.2 * rate)


@pytest.mark.parametrize(("start", "end"), [(50.0, None), (50.0, 51.0), (0.1, 9.0)])
def test_a_segment_outside_of_the_file(
    tmp_path: Path, speech: Any, start: float, end: float | None
) -> None:
    speech.write(0, tmp_path / "x.wav")
    with pytest.raises(DataError, match="is outside of a file of 0.70 s"):
        load(tmp_path / "x.wav", start, end)
