from __future__ import annotations

import io

import pytest

from tts_framework.training import screen
from tts_framework.training.screen import Screen


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_file_gets_a_line_per_evaluation_and_few_others() -> None:
    stream = io.StringIO()
    shown = Screen(stream)
    shown.begin(0, 1000)
    for iteration in range(1, 101):
        shown.tick(iteration)
        shown.show(iteration, {"training.loss": 0.5, "duration": 0.1})
    shown.show(100, {"val_loss": 0.25}, important=True)
    shown.close()

    (line,) = stream.getvalue().splitlines()
    assert line.startswith("it 100/1000  10 steps/s  loss 0.5000  val_loss 0.2500  left ")


def test_long_preparation_is_shown_by_its_end_at_least() -> None:
    stream = io.StringIO()
    shown = Screen(stream)
    for done in range(1, 4):
        shown.progress(done, 3, "mels")

    assert stream.getvalue() == "mels: 3/3\n"


def test_a_terminal_gets_one_live_line_and_messages_above_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(screen, "_REFRESH_SECONDS", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    shown = Screen(terminal)
    shown.begin(0, 10)
    shown.tick(1)
    shown.say("note: [brackets] stay")
    shown.show(5, {"training.loss": 0.5})
    shown.close()

    text = terminal.getvalue()
    assert "it 5/10  loss 0.5000" in text and "note: [brackets] stay" in text
