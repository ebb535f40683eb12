"""Узкий генератор, обученный на одном клипе, узнаёт его на слух."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tts_framework.components import Session, TrainingContext


@pytest.fixture
def one_clip(context: TrainingContext, corpus: Path, tmp_path: Path) -> TrainingContext:
    name, text = (corpus / "train.csv").read_text().splitlines()[0].split("|")
    (tmp_path / "one.csv").write_text(f"{corpus / name}|{text}\n")
    listed = tmp_path / "one.csv"
    return replace(context, train=listed, validation=listed, batch_size=4, allow_outside=True)


def test_one_clip_is_learnt(one_clip: TrainingContext, start: Callable[..., Session]) -> None:
    session = start(
        one_clip, learning_rate=3e-3, lr_decay=1.0, discriminator_rate=0.3, mpd_periods=[2]
    )
    before = session.evaluate()
    for _ in range(60):
        session.step()
    after = session.evaluate()
    assert after["val_mel_l1"] < 0.75 * before["val_mel_l1"]
    assert after["val_sound_v1"] < 0.8 * before["val_sound_v1"]
