"""Картинки, звук и меры внимания проверочного примера."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from tts_framework.components import Picture, Session, Sound
from ttsf_tacotron2.alignment import coverage, diagonality
from ttsf_tacotron2.pictures import curves, heatmap

StartSession = Callable[..., Session]


def test_a_session_shows_its_example(start: StartSession) -> None:
    session = start()
    session.step()
    media = list(session.media())
    pictures = [item for item in media if isinstance(item, Picture)]
    sounds = [item for item in media if isinstance(item, Sound)]
    assert [p.tag for p in pictures] == ["alignment", "mel_target", "mel_predicted", "gate"]
    for picture in pictures:
        assert picture.pixels.dtype == np.uint8
        assert picture.pixels.ndim == 3 and picture.pixels.shape[2] == 3
    (sound,) = sounds
    assert sound.sampling_rate == 8000
    assert sound.samples.dtype == np.float32
    assert len(sound.samples) > 0 and np.abs(sound.samples).max() <= 1


def test_a_heatmap_grows_from_dark_to_bright_with_row_zero_at_the_bottom() -> None:
    pixels = heatmap(np.array([[0.0, 0.0], [1.0, 1.0]], dtype=np.float32), 0.0, 1.0)
    assert pixels[-1, 0].tolist() == [68, 1, 84]
    assert pixels[0, 0].tolist() == [253, 231, 37]
    assert pixels.shape[0] >= 200


def test_a_heatmap_of_one_value_or_of_nan_is_still_a_picture() -> None:
    assert (heatmap(np.full((2, 2), 3.0, dtype=np.float32), 3.0, 3.0) == (68, 1, 84)).all()
    assert not heatmap(np.full((2, 2), np.nan, dtype=np.float32), 0.0, 1.0).any()


@pytest.mark.parametrize("steps", [1, 2, 50, 5000])
def test_curves_draw_any_number_of_steps(steps: int) -> None:
    target = np.zeros(steps, dtype=np.float32)
    pixels = curves(target, np.full(steps, np.nan, dtype=np.float32))
    assert (pixels == 255).any() and (pixels < 255).any()


LENGTHS = torch.tensor([20, 10])


def diagonal() -> torch.Tensor:
    attention = torch.zeros(2, 40, 20)
    for step in range(40):
        attention[0, step, step // 2] = 1
        attention[1, step, min(step // 2, 9)] = 1
    return attention


def test_a_diagonal_attention_is_diagonal_and_complete() -> None:
    measured = (diagonal(), LENGTHS, torch.tensor([40, 20]))
    assert diagonality(*measured).tolist() == [1, 1]
    assert coverage(*measured).tolist() == [1, 1]


def test_a_uniform_attention_is_neither() -> None:
    attention = torch.full((2, 40, 20), 1 / 20)
    measured = (attention, torch.tensor([20, 20]), torch.tensor([40, 40]))
    assert diagonality(*measured).tolist() == pytest.approx([0.19, 0.19], abs=0.02)
    assert coverage(*measured).tolist() == [0, 0]


def test_a_skipped_half_is_not_covered() -> None:
    attention = diagonal()
    attention[0, 20:] = attention[0, 19]
    measured = (attention, LENGTHS, torch.tensor([40, 20]))
    assert coverage(*measured).tolist() == [0.5, 1]
    assert diagonality(*measured)[0] < 0.8
