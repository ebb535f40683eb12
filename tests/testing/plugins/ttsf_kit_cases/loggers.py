"""Журналы обучения."""

from __future__ import annotations

import math
import time

from ttsf_kit_cases import broken

from tts_framework.components import Logger
from tts_framework.testing import LoggerContract as Checked

__all__ = ["Checked", "Sound"]


class Sound(Logger):
    """Writes lines."""

    def __init__(self, config, target):
        super().__init__(config, target)
        target.output_dir.mkdir(parents=True, exist_ok=True)
        self.file = open(target.output_dir / f"log{target.suffix}", "a")

    def scalars(self, step, values):
        print(step, dict(values), file=self.file)

    def close(self):
        self.file.close()


TAKEN = "test_everything_a_training_writes_is_taken"


@broken(TAKEN, "ValueError: cannot convert float NaN to integer")
class NeedsNumbers(Sound):
    def scalars(self, step, values):
        super().scalars(step, {tag: math.floor(1e6 * value) for tag, value in values.items()})


@broken(TAKEN, "NotImplementedError")
class NoPictures(Sound):
    def picture(self, step, picture):
        raise NotImplementedError


@broken(TAKEN, "TypeError")
class ParametersAreNumbers(Sound):
    def params(self, values):
        print({name: 2.0**value for name, value in values.items()}, file=self.file)


@broken("test_a_step_is_not_delayed", "ms; write in a background thread", step_seconds=1e-3)
class Slow(Sound):
    def scalars(self, step, values):
        time.sleep(2e-3)


@broken("test_closing_twice_is_harmless", "ValueError: I/O operation on closed file")
class ClosesOnce(Sound):
    def close(self):
        self.file.flush()
        super().close()
