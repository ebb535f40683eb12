"""Раскладка kaldi: отрезки записей, тексты, дикторы; команды wav.scp не выполняются никогда."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tts_framework.builtin.kaldi import Kaldi
from tts_framework.errors import DataError
from tts_framework.speech.audio import read_wav
from tts_framework.speech.corpora import table
from tts_framework.speech.importing.records import listed


@pytest.fixture
def write(source: Path) -> Any:
    def write(**files: str) -> None:
        for name, content in files.items():
            (source / name.replace("_", ".", name == "wav_scp")).write_text(content)

    return write


@pytest.fixture
def lecture(source: Path, speech: Any) -> list[tuple[float, float]]:
    """Соедини предложения паузами в одну запись; верни границы речи, с."""
    pause = np.zeros(speech.rate // 2, np.float32)
    pieces, bounds, at = [pause], [], len(pause)
    for samples in speech.samples:
        bounds.append((at / speech.rate, (at + len(samples)) / speech.rate))
        pieces += [samples, pause]
        at += len(samples) + len(pause)
    (source / "audio").mkdir()
    soundfile.write(source / "audio" / "lecture.flac", np.concatenate(pieces), speech.rate)
    return bounds


def test_segments_are_cut_out_of_the_recording(
    write: Any, lecture: list[tuple[float, float]], bring: Any, speech: Any, out: Path
) -> None:
    write(
        wav_scp="lecture audio/lecture.flac\n",
        segments="".join(f"utt{n} lecture {a:.4f} {b:.4f}\n" for n, (a, b) in enumerate(lecture)),
        text="".join(f"utt{n} {text}\n" for n, text in enumerate(speech.texts)),
        utt2spk="".join(f"utt{n} anna\n" for n in range(4)),
    )
    bring("kaldi")
    rows = table.read(out)
    assert [(row.text, row.speaker, row.source) for row in rows] == [
        (text, "anna", "lecture") for text in speech.texts
    ]
    for row, samples in zip(rows, speech.samples):
        cut = read_wav(table.wav(out, row.id), speech.rate)
        assert abs(len(cut) - len(samples)) <= 5
        size = min(len(cut), len(samples))
        assert (
            max(
                np.corrcoef(cut[3 : size - 3], samples[3 + shift : size - 3 + shift])[0, 1]
                for shift in range(-3, 4)
            )
            > 0.999
        )


def test_files_without_segments_texts_or_speakers(
    write: Any, source: Path, speech: Any, bring: Any, out: Path
) -> None:
    for number in (0, 1):
        speech.write(number, source / f"a{number}.wav")
    write(wav_scp="a0 a0.wav\na1\ta1.wav\n")
    imported = bring("kaldi")
    assert [(row.id, row.text, row.speaker) for row in imported.rows] == [
        ("a0", "", ""),
        ("a1", "", ""),
    ]


def test_commands_are_refused_and_never_run(
    write: Any, source: Path, speech: Any, bring: Any, tmp_path: Path
) -> None:
    speech.write(0, source / "a.wav")
    proof = tmp_path / "executed"
    write(
        wav_scp=f"a a.wav\nb touch {proof} |\nc | touch {proof}\nd raw.ark:1234\ne -\n",
        text="a Text.\nb B.\nc C.\nd D.\ne E.\n",
    )
    with pytest.raises(DataError) as caught:
        bring("kaldi")
    problems = caught.value.problems
    assert "wav.scp:2: " in problems[0] and "commands of a corpus are never run" in problems[0]
    assert "wav.scp:3: " in problems[1] and "commands of a corpus are never run" in problems[1]
    assert "wav.scp:4: 'raw.ark:1234' is no sound file" in problems[2]
    assert "wav.scp:5: '-' is no sound file" in problems[3]
    assert len(bring("kaldi", skip_bad=True).rows) == 1
    assert not proof.exists()


def test_bad_lines_are_named(
    write: Any, lecture: list[tuple[float, float]], bring: Any, source: Path
) -> None:
    write(
        wav_scp="lecture audio/lecture.flac\nlecture other.wav\n",
        segments="good lecture 0.5 1.2\nback lecture 2 1\nnan lecture nan 2\nlost other 0 1\n"
        "late lecture 1 999\nshort lecture 1\nquiet lecture 0 0.4\nopen lecture 0.5 -1\n"
        "mute lecture 1 2\n",
        text="good Text.\nback T.\nnan T.\nlost T.\nlate T.\nshort T.\nquiet T.\nopen T.\n"
        "alone T.\n",
    )
    with pytest.raises(DataError) as caught:
        bring("kaldi")
    text = str(caught.value)
    for part in (
        "wav.scp:2: 'lecture' is already at",
        "segments:2: start 2 and end 1 are no segment",
        "segments:3: start nan and end 2 are no segment",
        "segments:4: recording 'other' is not in wav.scp",
        "segments:6: expected 'utterance recording start end'",
        "segments:9: 'mute' has no line in text",
        "text:9: 'alone' has no sound",
    ):
        assert part in text
    with pytest.raises(DataError) as caught:
        _bring_bad_sounds(write, bring)
    assert "text:1: " in str(caught.value) and "outside of a file of" in str(caught.value)
    assert "silent from beginning to end" in str(caught.value)


def _bring_bad_sounds(write: Any, bring: Any) -> None:
    write(
        wav_scp="lecture audio/lecture.flac\n",
        segments="late lecture 1 999\nquiet lecture 0 0.4\nopen lecture 0.5 -1\n",
        text="late T.\nquiet T.\nopen T.\n",
    )
    bring("kaldi")


def test_paths_out_of_the_folder_need_the_root_to_be_named(
    write: Any, source: Path, speech: Any, bring: Any, tmp_path: Path
) -> None:
    speech.write(0, tmp_path / "audio" / "a.wav")
    speech.write(1, tmp_path / "other" / "b.wav")
    (source / "link.wav").symlink_to(tmp_path / "audio" / "a.wav")
    write(wav_scp=f"a {tmp_path}/audio/a.wav\nb ../other/b.wav\nc link.wav\n")
    with pytest.raises(DataError) as caught:
        bring("kaldi")
    assert "climbs out of the folder" in str(caught.value)
    assert "lies outside of" in str(caught.value)
    assert "leads out through a symbolic link" in str(caught.value)
    write(wav_scp=f"a {tmp_path}/audio/a.wav\n")
    assert len(bring("kaldi", root=tmp_path / "audio").rows) == 1


def test_a_list_of_200000_lines_is_checked_whole(write: Any, source: Path, speech: Any) -> None:
    speech.write(0, source / "one.wav")
    write(wav_scp="".join(f"utt{n:06} one.wav\n" for n in range(200_000)))
    found = listed(Kaldi(Kaldi.Config()), source, 1000, lambda done, total, what: None)
    assert len(found.good) == 1000 and found.bad == []
