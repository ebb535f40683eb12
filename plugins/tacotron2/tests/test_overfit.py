"""Обучаемость: одна фраза выучивается, и внимание ложится на диагональ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tts_framework.components import Session, TrainingContext

StartSession = Callable[..., Session]


def test_one_clip_is_learnt_by_heart(
    start: StartSession, context: TrainingContext, tmp_path: Path
) -> None:
    clips = context.train.read_text("utf-8").splitlines()
    shortest = min(clips, key=len)
    only = tmp_path / "one.csv"
    only.write_text(f"{context.train.parent}/{shortest}\n", "utf-8")
    session = start(
        replace(context, train=only, validation=only, batch_size=1, allow_outside=True),
        learning_rate=5e-3,
        guided_attention_weight=200,
        reduction_factor=2,
        sizes={},
    )
    before = session.evaluate()
    for _ in range(220):
        session.step()
    after = session.evaluate()
    assert after["val_loss"] < 0.2 * before["val_loss"]
    assert after["val_gate"] < 0.1 * before["val_gate"]
    assert after["attention_diagonality"] > 0.9 > before["attention_diagonality"]
    assert after["attention_coverage"] > 0.9
