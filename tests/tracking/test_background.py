from __future__ import annotations

import threading
import time

import pytest

from tts_framework.tracking import background
from tts_framework.tracking.background import Background
from tts_framework.tracking.server import Unavailable


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "_CLOSING_PAUSE", 0.01)


class Work:
    def __init__(self) -> None:
        self.fails: Exception | None = None
        self.passes = 0
        self.done = threading.Event()

    def __call__(self) -> None:
        self.passes += 1
        self.done.set()
        if self.fails:
            raise self.fails

    def wait(self, passes: int) -> None:
        while self.passes < passes:
            self.done.clear()
            assert self.done.wait(10)


def test_work_is_repeated_and_a_last_pass_is_made_at_the_end() -> None:
    work = Work()
    thread = Background(work, "here", 0.001, print)
    work.wait(3)
    before = work.passes

    assert thread.close(5.0) is None
    assert work.passes > before


def test_trouble_is_told_once_and_so_is_its_end() -> None:
    said: list[str] = []
    work = Work()
    work.fails = Unavailable("connection refused")
    thread = Background(work, "http://host", 0.001, said.append)
    work.wait(4)
    assert thread.trouble == "connection refused"
    work.fails = None
    work.wait(work.passes + 2)

    assert thread.close(5.0) is None
    assert said == [
        "mlflow: http://host: connection refused;"
        " work goes on, records are kept on disk and will be sent later",
        "mlflow: http://host answers again",
    ]


def test_what_could_not_be_done_in_time_is_named() -> None:
    work = Work()
    work.fails = Unavailable("connection refused")
    thread = Background(work, "here", 0.001, lambda text: None)

    assert thread.close(0.05) == "connection refused"


def test_an_unexpected_error_does_not_end_the_thread() -> None:
    work = Work()
    work.fails = KeyError("bug")
    thread = Background(work, "here", 0.001, lambda text: None)
    work.wait(3)
    work.fails = None

    assert thread.close(5.0) is None


def test_work_that_hangs_is_not_waited_for() -> None:
    release = threading.Event()
    thread = Background(lambda: release.wait(30), "here", 0.001, print)

    assert thread.close(-0.9) == "not enough time"
    release.set()


def test_waking_shortens_the_pause_but_not_the_one_after_trouble() -> None:
    work = Work()
    thread = Background(work, "here", 60.0, lambda text: None)
    work.wait(1)
    work.fails = Unavailable("gone")
    thread.wake()
    work.wait(2)
    while not thread.trouble:
        time.sleep(0.001)

    thread.wake()
    time.sleep(0.05)

    assert work.passes == 2
    assert thread.close(0.0) == "gone"
