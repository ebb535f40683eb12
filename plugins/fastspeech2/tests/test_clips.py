"""Выборка: откуда берутся длительности и что попадает в пачку."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tts_framework.components import TrainingContext
from tts_framework.errors import DataError
from tts_framework.speech import durations
from tts_framework.speech.audio import read_header
from tts_framework.speech.filelist import read
from tts_framework.speech.phones.labels import beside
from ttsf_fastspeech2.clips import Clips
from ttsf_fastspeech2.options import FastSpeech2Options


def options(kind: str) -> FastSpeech2Options:
    return FastSpeech2Options.model_validate({"preset": "tiny", "durations": kind})


@pytest.fixture
def own(context: TrainingContext, tmp_path: Path) -> TrainingContext:
    """Своя копия корпуса: её можно портить."""
    folder = tmp_path / "corpus"
    shutil.copytree(context.train.parent, folder)
    lists = {"train": folder / "train.csv", "validation": folder / "validation.csv"}
    return replace(context, **lists, cache=tmp_path / "cache")


def export(context: TrainingContext) -> None:
    """Выгрузи ровные длительности, как это сделала бы другая модель."""
    for path in (context.train, context.validation):
        for clip in read(path):
            numbers = context.frontend.encode(clip.text)
            names = [context.frontend.symbols[number] for number in numbers]
            seconds = read_header(clip.path).seconds
            ends = np.linspace(0, seconds, len(names) + 1)[1:]
            durations.write(durations.beside(clip.path), names, ends)


@pytest.mark.parametrize("kind", ["labels", "files"])
def test_durations_fill_the_clip(own: TrainingContext, kind: str) -> None:
    export(own)
    batch = Clips("train", own, options(kind)).batch([0, 1, 2, 3])
    assert batch.durations is not None
    assert torch.equal(batch.durations.sum(1), batch.mel_lengths)
    assert (batch.durations >= 0).all()
    for row, length in enumerate(batch.text_lengths.tolist()):
        assert not batch.durations[row, length:].any()


def test_silence_at_the_edges_belongs_to_the_marks_there(own: TrainingContext) -> None:
    clips = Clips("train", own, options("labels"))
    for number, clip in enumerate(clips.clips):
        counts = clips.batch([number]).durations
        assert counts is not None
        seconds = read_header(clip.path).seconds
        frames = counts[0].double() * own.audio.hop_length / own.audio.sampling_rate
        assert float(frames[0]) == pytest.approx(0.05, abs=0.02)  # тишина перед речью
        assert float(frames[1:-2].sum()) == pytest.approx(seconds - 0.1, abs=0.05)


def test_equal_letters_sound_equally_long(own: TrainingContext) -> None:
    clips = Clips("train", own, options("labels"))
    clip, counts = clips.clips[0], clips.batch([0]).durations
    assert counts is not None
    letters = sum(char.isalpha() for char in clip.text)
    step = (read_header(clip.path).seconds - 0.1) / letters / (128 / 8000)
    names = [own.frontend.symbols[number] for number in own.frontend.encode(clip.text)]
    said = counts[0][1:][[any(char.isalpha() for char in name) for name in names]]
    assert float((said - step).abs().mean()) < 1.0


@pytest.mark.parametrize(("kind", "folder"), [("labels", "labels"), ("files", "durations")])
def test_a_clip_without_durations_is_left_out(own: TrainingContext, kind: str, folder: str) -> None:
    export(own)
    paths = sorted((own.train.parent / folder).iterdir())
    first = read(own.train)[0].path.stem
    next(path for path in paths if path.stem == first).unlink()
    warnings: list[str] = []
    clips = Clips("train", replace(own, warn=warnings.append), options(kind))
    assert len(clips) == 6 and first not in {clip.path.stem for clip in clips.clips}
    assert "1 of 7 clips have no" in warnings[0] and f"({first}.wav)" in warnings[0]


def test_a_corpus_without_labels_is_an_error(own: TrainingContext) -> None:
    shutil.rmtree(own.train.parent / "labels")
    with pytest.raises(DataError, match="all clips have no phone labels.*durations: aligner"):
        Clips("train", own, options("labels"))


def test_damaged_labels_are_named(own: TrainingContext) -> None:
    path = beside(read(own.train)[0].path)
    path.write_text("#\n77.0 125 a\n", "utf-8")
    with pytest.raises(DataError, match=path.name):
        Clips("train", own, options("labels"))


def test_all_damaged_durations_are_named_at_once(own: TrainingContext) -> None:
    export(own)
    first, second, *_ = [durations.beside(clip.path) for clip in read(own.train)]
    first.write_text("{", "utf-8")
    durations.write(second, ["a"], [1.0])
    with pytest.raises(DataError) as error:
        Clips("train", own, options("files"))
    assert len(error.value.problems) == 2


def test_the_aligner_needs_a_frame_per_symbol(own: TrainingContext) -> None:
    warnings: list[str] = []
    coarse = own.audio.model_copy(update={"hop_length": 700})
    with pytest.raises(DataError, match="fewer frames than symbols; lower data.audio.hop_length"):
        Clips("train", replace(own, audio=coarse, warn=warnings.append), options("aligner"))
    assert Clips("train", own, options("aligner")).batch([0]).durations is None


def test_statistics_are_those_of_the_corpus(own: TrainingContext) -> None:
    clips = Clips("train", own, options("labels"))
    mean, scale, variance = clips.statistics()
    mels = np.concatenate([clips.mel(n) for n in range(len(clips))], 1)
    assert torch.allclose(mean, torch.from_numpy(mels.mean(1)), atol=1e-4)
    assert torch.allclose(scale, torch.from_numpy(mels.std(1)).clamp(min=0.1), atol=1e-3)
    assert 60 < float(variance[0, 0].exp()) < 400  # средний тон espeak, Гц
    assert (variance[:, 1] > 0).all()
