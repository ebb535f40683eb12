"""Вероятности и громкость -> отрезки речи."""

from __future__ import annotations

import numpy as np
import pytest

from tts_framework.speech.segmenting.listening import HOPS_PER_SECOND, Heard
from tts_framework.speech.segmenting.regions import quiet, speech

FRAME = 0.032


def heard(probabilities: list[float], power: np.ndarray | None = None) -> Heard:
    seconds = len(probabilities) * FRAME
    hops = round(seconds * HOPS_PER_SECOND)
    power = np.full(hops, 1e-8, np.float32) if power is None else power
    clipped = np.zeros(hops, np.int32)
    return Heard(seconds, 16000, FRAME, np.array(probabilities, np.float32), power, clipped)


def test_speech_starts_above_the_onset_and_lasts_to_the_offset() -> None:
    found = speech(heard([0] * 10 + [0.4] * 2 + [0.9] * 10 + [0.4] * 5 + [0.2] * 10))
    np.testing.assert_allclose(found, [[10 * FRAME, 27 * FRAME]], atol=0.01)


def test_doubt_without_certainty_is_not_speech() -> None:
    assert len(speech(heard([0] * 10 + [0.45] * 20 + [0] * 10))) == 0


def test_a_click_and_a_dip_of_a_few_frames_do_not_count() -> None:
    found = speech(heard([0] * 9 + [0.9] + [0] * 20 + [0.9] * 20 + [0.1] * 2 + [0.9] * 20 + [0]))
    assert len(found) == 1


def test_edges_move_to_where_the_sound_falls_to_the_noise() -> None:
    probabilities = [0.0] * 50 + [0.9] * 50 + [0.0] * 50
    power = np.full(600, 1e-8, np.float32)
    power[190:410] = 1e-3
    ((start, end),) = speech(heard(probabilities, power))
    assert (start, end) == pytest.approx((190 / 125, 410 / 125))


def test_an_edge_moves_only_so_far_and_never_into_the_neighbour() -> None:
    probabilities = [0.0] * 50 + [0.9] * 20 + [0.0] * 4 + [0.9] * 20 + [0.0] * 50
    power = np.full(576, 1e-8, np.float32)
    power[150:430] = 1e-3
    found = speech(heard(probabilities, power))
    assert found[0, 0] == pytest.approx(50 * FRAME - 0.16, abs=0.01)
    assert np.all(found[:-1, 1] <= found[1:, 0])


def test_quiet_leaves_out_speech_and_its_edges() -> None:
    marks = quiet(np.array([[1.0, 2.0]]), 3 * HOPS_PER_SECOND)
    assert not marks[round(0.96 * 125) : round(2.04 * 125)].any()
    assert marks[: round(0.94 * 125)].all() and marks[round(2.06 * 125) :].all()


def test_an_empty_recording_has_no_speech() -> None:
    assert speech(heard([])).shape == (0, 2)
