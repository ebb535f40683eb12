"""Notices: плато и кончающееся место сообщаются однажды."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tts_framework.config import TunerSettings
from tts_framework.events import BestImproved, DiskLow, Event, TrialFinished, TrialStarted
from tts_framework.smart_tuner.memory import Memory
from tts_framework.smart_tuner.notices import Notices, plateau_reached
from tts_framework.trials import COMMITTED

ENORMOUS = 1e9  # ГБ: столько нет ни у кого


def trial(number: int, value: float, best: float | None) -> list[Event]:
    """События одного trial; лучше прежнего - ещё и `BestImproved`."""
    events: list[Event] = [
        TrialStarted(
            trial=number,
            kind="proposal",
            parent=None,
            checkpoint=None,
            sha256=None,
            start_iteration=0,
            end_iteration=10,
            hparams={},
            reason="",
        ),
        TrialFinished(
            trial=number,
            outcome=COMMITTED,
            reason="",
            end_iteration=10,
            checkpoint="c",
            sha256=None,
            value=value,
            score=0.0,
            forecast=None,
            forecast_std=None,
            seconds=1.0,
        ),
    ]
    if best is None or value < best:
        events.append(
            BestImproved(
                trial=number, metric="val_loss", value=value, previous=best, checkpoint="c"
            )
        )
    return events


@given(st.lists(st.floats(0, 9), max_size=30), st.integers(1, 5))
def test_a_plateau_is_told_once_for_every_stretch_without_improvement(
    values: list[float], trials: int
) -> None:
    memory, best, since, told, expected = Memory(), None, 0, 0, 0
    for number, value in enumerate(values):
        for event in trial(number, value, best):
            memory.apply(event)
        improved = best is None or value < best
        best, since = (value, 0) if improved else (best, since + 1)
        expected += since == trials
        plateau = plateau_reached(memory, trials)
        told += plateau is not None
        if plateau is not None:
            assert (plateau.value, plateau.trials) == (best, trials)
    assert told == expected


def test_a_low_disk_is_told_once(tmp_path: Path) -> None:
    notices = Notices(TunerSettings(disk_low_gb=ENORMOUS), tmp_path)
    told = [list(notices.after_trial(Memory())) for _ in range(3)]
    assert [type(event) for event in told[0]] == [DiskLow] and told[1:] == [[], []]


def test_a_disk_with_enough_space_is_not_mentioned(tmp_path: Path) -> None:
    assert list(Notices(TunerSettings(disk_low_gb=0), tmp_path).after_trial(Memory())) == []
