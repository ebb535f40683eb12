from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tts_framework.components import Logger, LogTarget, Picture, Sound
from tts_framework.events import Value
from tts_framework.training.journal import Journal

TARGET = LogTarget("run", Path("."), Path("."), "", 0)


class Notebook(Logger):
    """Журнал в память; `breaks` — отказывает всегда."""

    def __init__(self, breaks: bool = False) -> None:
        super().__init__(None, TARGET)
        self.pages: list[object] = []
        self.breaks = breaks

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        if self.breaks:
            raise OSError("no space left")
        self.pages.append((step, dict(values)))

    def picture(self, step: int, picture: Picture) -> None:
        self.pages.append(picture.tag)

    def sound(self, step: int, sound: Sound) -> None:
        self.pages.append(sound.tag)

    def params(self, values: Mapping[str, Value]) -> None:
        self.pages.append(values)

    def finished(self, outcome: str) -> None:
        self.pages.append(outcome)

    def close(self) -> None:
        self.pages.append("closed")


def test_a_logger_that_fails_is_named_once_and_the_others_go_on() -> None:
    said: list[str] = []
    good = Notebook()
    journal = Journal({"bad": Notebook(breaks=True), "good": good}, said.append)

    journal.scalars(1, {"loss": 0.5})
    journal.scalars(2, {"loss": 0.25})

    assert good.pages == [(1, {"loss": 0.5}), (2, {"loss": 0.25})]
    assert said == ["logger bad: OSError: no space left; training goes on"]


def test_everything_reaches_every_logger_in_order() -> None:
    first, second = Notebook(), Notebook()
    journal = Journal({"first": first, "second": second}, print)
    pixels, samples = np.zeros((1, 1, 3), np.uint8), np.zeros(1, np.float32)

    journal.params({"a": 1})
    journal.media(5, [Picture("alignment", pixels), Sound("sample", samples, 22050)])
    journal.flush()
    journal.close("finished")

    assert first.pages == second.pages == [{"a": 1}, "alignment", "sample", "finished", "closed"]


def test_all_loggers_get_the_number_that_tensorboard_can_hold() -> None:
    notebook = Notebook()

    Journal({"a": notebook}, print).scalars(1, {"loss": 0.12345678901})

    assert notebook.pages == [(1, {"loss": 0.12345679})]
