"""console."""

from __future__ import annotations

import pytest

from tts_framework.builtin.console import Console
from tts_framework.events import (
    BestImproved,
    Event,
    OptimizerFailed,
    RolledBack,
    RunStopped,
    TrialFinished,
    Warned,
)

CONSOLE = Console(Console.Config())
FAILED = TrialFinished(
    trial=1,
    outcome="failed",
    reason="out of memory",
    end_iteration=10,
    checkpoint=None,
    sha256=None,
    value=None,
    score=None,
    forecast=None,
    forecast_std=None,
    seconds=1.0,
)


@pytest.mark.parametrize(
    "event",
    [
        Warned(message="watch [red]this[/red]"),
        OptimizerFailed(error="KeyError: 'x'"),
        RolledBack(trial=2, to_trial=1, reason="worse"),
        RunStopped(reason="interrupted by SIGINT", finished=False),
        FAILED,
    ],
)
def test_a_warning_is_one_line_on_stderr(event: Event, capsys: pytest.CaptureFixture[str]) -> None:
    CONSOLE.notify(event)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("warning: ") and err.count("\n") == 1


def test_text_is_shown_as_it_is_and_not_as_markup(capsys: pytest.CaptureFixture[str]) -> None:
    CONSOLE.notify(Warned(message="[red]x[/red] " + "long " * 60))
    assert capsys.readouterr().err.rstrip() == "warning: [red]x[/red] " + "long " * 59 + "long"


def test_good_news_is_left_to_the_terminal_display(capsys: pytest.CaptureFixture[str]) -> None:
    CONSOLE.notify(RunStopped(reason="50 of 50 trials done", finished=True))
    CONSOLE.notify(
        BestImproved(trial=1, metric="val_loss", value=1.0, previous=None, checkpoint="c")
    )
    assert capsys.readouterr() == ("", "")
