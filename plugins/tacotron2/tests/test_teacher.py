"""Пересказ с подсказкой: пачка равна клипам по одному, длины и места кадров - как у записей."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tts_framework.components import Session, Teacher, TrainingContext
from tts_framework.errors import CheckpointError, DataError
from tts_framework.speech.audio import read_wav
from tts_framework.speech.mels import mel_spectrogram
from tts_framework.training import checkpoint
from ttsf_tacotron2 import Tacotron2

StartSession = Callable[..., Session]


@pytest.fixture
def clips(context: TrainingContext) -> tuple[list[str], list[np.ndarray]]:
    rows = [line.split("|") for line in context.train.read_text().splitlines()[:3]]
    rate = context.audio.sampling_rate
    wavs = [read_wav(context.train.parent / name, rate) for name, _ in rows]
    return [text for _, text in rows], [mel_spectrogram(wav, context.audio) for wav in wavs]


def teacher_of(session: Session, path: Path) -> Teacher:
    session.save(path)
    return Tacotron2.teacher(path)


def test_it_knows_the_audio_and_the_text_of_its_model(
    start: StartSession, context: TrainingContext, tmp_path: Path
) -> None:
    teacher = teacher_of(start(), tmp_path / "checkpoint")
    assert teacher.audio == context.audio
    assert teacher.frontend.symbols == context.frontend.symbols


@pytest.mark.parametrize("reduction_factor", [1, 3])
def test_a_batch_equals_its_clips_one_by_one(
    start: StartSession,
    tmp_path: Path,
    clips: tuple[list[str], list[np.ndarray]],
    reduction_factor: int,
) -> None:
    session = start(reduction_factor=reduction_factor, dropout_prenet=0.0)
    teacher = teacher_of(session, tmp_path / "checkpoint")
    texts, mels = clips
    assert reduction_factor == 1 or any(mel.shape[1] % reduction_factor for mel in mels)
    together = teacher(texts, mels)
    for said, text, mel in zip(together, texts, mels, strict=True):
        assert said.shape == mel.shape and said.dtype == np.float32
        np.testing.assert_allclose(said, teacher([text], [mel])[0], atol=1e-5)


def test_a_frame_depends_on_what_came_before_it_alone(
    start: StartSession, tmp_path: Path, clips: tuple[list[str], list[np.ndarray]]
) -> None:
    teacher = teacher_of(start(dropout_prenet=0.0), tmp_path / "checkpoint")
    text, mel = clips[0][0], clips[1][0]
    changed, place = mel.copy(), 30
    changed[:, place] += 3
    before, after = teacher([text], [mel])[0], teacher([text], [changed])[0]
    moved = np.abs(after - before).max(axis=0)
    reach = 10  # postnet: пять свёрток по пять кадров
    assert moved[: place + 1 - reach].max() < 1e-6 < moved[place + 1 :].max()


def test_the_seed_decides_the_dropout_that_stays(
    start: StartSession, tmp_path: Path, clips: tuple[list[str], list[np.ndarray]]
) -> None:
    teacher = teacher_of(start(), tmp_path / "checkpoint")
    one, same, other = (teacher(*clips, seed=seed)[0] for seed in (1, 1, 2))
    assert np.array_equal(one, same) and not np.array_equal(one, other)


def test_a_mel_of_another_shape_is_refused(start: StartSession, tmp_path: Path) -> None:
    teacher = teacher_of(start(), tmp_path / "checkpoint")
    with pytest.raises(DataError, match=r"mel: shape \[3, 9\], expected \[\d+, T\]"):
        teacher(["да"], [np.zeros((3, 9), np.float32)])


def test_a_diverged_model_is_refused(
    start: StartSession, tmp_path: Path, clips: tuple[list[str], list[np.ndarray]]
) -> None:
    session, path = start(), tmp_path / "checkpoint"
    session.save(path)
    saved = checkpoint.read(path)
    weights = dict(saved["state_dict"])
    weights["embedding.weight"] = weights["embedding.weight"] * float("nan")
    checkpoint.write(path, {**saved, "state_dict": weights})
    with pytest.raises(CheckpointError, match="has diverged; use an earlier checkpoint"):
        Tacotron2.teacher(path)(*clips)
