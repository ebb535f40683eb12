from __future__ import annotations

import pytest

from tts_framework.training import loop


def test_the_time_of_a_step_leaves_evaluations_out(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(loop.time, "perf_counter", lambda: now[0])
    clock = loop.Clock()

    for spent in (1.0, 2.0):
        now[0] += spent
        clock.steps += 1
    clock.pause()
    now[0] += 50.0  # оценка между двумя записями скаляров
    clock.resume()
    now[0] += 3.0
    clock.steps += 1

    assert clock.lap() == 2.0
    now[0] += 4.0
    clock.steps += 2
    assert clock.lap() == 2.0
