"""Отрезки: кадр и его отсчёты стоят рядом, порядок - функция зерна и номера."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tts_framework.components import Session, TrainingContext
from tts_framework.errors import DataError
from tts_framework.speech import exported_mels, mels
from tts_framework.speech.audio import read_wav, write_wav
from ttsf_hifigan.clips import SILENCE, Clips
from ttsf_hifigan.feed import Feed


@pytest.fixture
def clips(context: TrainingContext) -> Clips:
    return Clips(context.train, context)


def export(clips: Clips, folder: Path, shift: int = 0, *more: Clips) -> Path:
    """Выгрузи mel так, как это сделала бы неточная акустическая модель."""
    lengths = {}
    for source in (clips, *more):
        for number, path in enumerate(source.paths):
            mel = source.mel(number)
            blurred = (mel + np.roll(mel, 1, axis=1) + np.roll(mel, -1, axis=1)) / 3
            exported_mels.write_mel(folder, path.stem, np.roll(blurred, shift, axis=1))
            lengths[path.stem] = mel.shape[1]
    exported_mels.write_manifest(folder, clips.audio, "0" * 64, lengths)
    return folder


def test_frame_t_stands_at_sample_t_hops(clips: Clips) -> None:
    hop = clips.audio.hop_length
    whole = read_wav(clips.paths[0], clips.audio.sampling_rate)
    mel, samples = clips.segment(0, 10, 12)
    assert np.array_equal(samples, whole[10 * hop : 22 * hop])
    assert np.array_equal(mel, mels.mel_spectrogram(whole, clips.audio)[:, 10:22])


def test_an_impulse_is_loudest_in_its_own_frame(clips: Clips) -> None:
    hop, samples = clips.audio.hop_length, np.zeros(4000, dtype=np.float32)
    samples[12 * hop] = 1.0
    mel = mels.mel_spectrogram(samples, clips.audio)
    assert int(np.exp(mel).sum(0).argmax()) == 12


def test_beyond_the_end_there_is_silence(clips: Clips) -> None:
    frames = clips.frames[0]
    mel, samples = clips.segment(0, 0, frames + 5)
    blocks = (frames - 1) * clips.audio.hop_length
    assert (mel[:, frames - 1 :] == np.float32(SILENCE)).all()
    assert (samples[blocks:] == 0).all() and samples[:blocks].any()


def test_an_epoch_gives_every_clip_once_at_random_places(clips: Clips) -> None:
    feed = Feed(clips, 1, 4, seed=3, pin=False)
    epochs = [[feed._place(7 * epoch + index) for index in range(7)] for epoch in range(3)]
    assert all(sorted(clip for clip, _ in epoch) == list(range(7)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in map(tuple, epochs)}) == 3
    for clip, first in sum(epochs, []):
        assert 0 <= first <= clips.frames[clip] - 1 - 4


def test_the_order_survives_another_batch_size(clips: Clips) -> None:
    straight = Feed(clips, 2, 4, seed=3, pin=False)
    changed = Feed(clips, 2, 4, seed=3, pin=False)
    wanted = [straight.next() for _ in range(4)]
    changed.next()
    changed.resize(6, 4)
    batch = changed.next()
    for number in range(3):
        piece = slice(2 * number, 2 * number + 2)
        assert (batch.audio[piece] == wanted[number + 1].audio).all()
    straight.close()
    changed.close()


@pytest.mark.parametrize(
    "record", [None, {}, {"seed": 1, "position": -1, "clips": 3}, {"seed": 1, "position": 2}]
)
def test_a_damaged_place_is_refused(clips: Clips, record: object) -> None:
    with pytest.raises(ValueError, match="is not a place"):
        Feed(clips, 2, 4, seed=3, pin=False).restore(record)


def test_exported_mels_take_the_place_of_real_ones(
    context: TrainingContext, clips: Clips, tmp_path: Path
) -> None:
    tuned = Clips(context.train, context, export(clips, tmp_path))
    ours, samples = tuned.segment(0, 10, 12)
    real, same = clips.segment(0, 10, 12)
    assert np.array_equal(samples, same) and not np.array_equal(ours, real)
    assert tuned.fingerprint != clips.fingerprint


@pytest.mark.parametrize("shift", [1, -1])
def test_mels_off_by_a_frame_are_refused(
    context: TrainingContext, clips: Clips, tmp_path: Path, shift: int
) -> None:
    export(clips, tmp_path, shift)
    with pytest.raises(DataError, match=r"the mels are 1 frame\(s\) (late|early) against"):
        Clips(context.train, context, tmp_path)


def test_mels_of_other_audio_settings_are_refused_by_name(
    context: TrainingContext, clips: Clips, tmp_path: Path
) -> None:
    export(clips, tmp_path)
    audio = context.audio.model_copy(update={"mel_fmin": 50.0})
    with pytest.raises(DataError, match="mel_fmin is 0.0 in the exported mels and 50.0 in data"):
        Clips(context.train, replace(context, audio=audio), tmp_path)


def test_two_clips_of_one_name_cannot_be_told_apart(
    context: TrainingContext, clips: Clips, tmp_path: Path
) -> None:
    lines = []
    for folder in ("a", "b"):
        target = tmp_path / folder / "one.wav"
        write_wav(target, read_wav(clips.paths[0], 8000), 8000)
        lines.append(f"{folder}/one.wav|text")
    (tmp_path / "list.csv").write_text("\n".join(lines))
    with pytest.raises(DataError, match="two clips are called 'one'"):
        Clips(tmp_path / "list.csv", context, export(clips, tmp_path / "mels"))


def test_a_session_is_tuned_on_exported_mels(
    context: TrainingContext, clips: Clips, start: Callable[..., Session], tmp_path: Path
) -> None:
    export(clips, tmp_path, 0, Clips(context.validation, context))
    plain, tuned = start(), start(mels=tmp_path)
    for session in (plain, tuned):
        session.step()
    assert tuned.progress()["training.mel"] != plain.progress()["training.mel"]
    assert tuned.evaluate() != plain.evaluate()


def test_an_export_without_the_validation_clips_is_refused(
    clips: Clips, start: Callable[..., Session], tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="1 of 1 clips have no mel"):
        start(mels=export(clips, tmp_path))
