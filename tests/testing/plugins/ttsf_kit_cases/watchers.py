"""Наблюдатели."""

from __future__ import annotations

import json
import math
import os
import time

from ttsf_kit_cases import broken

from tts_framework.components import Watcher
from tts_framework.events import Metric
from tts_framework.testing import WatcherContract


class Checked(WatcherContract):
    def log(self, source, metrics):
        source.log_directory.mkdir(parents=True, exist_ok=True)
        with open(source.log_directory / "log.jsonl", "a") as file:
            for m in metrics:
                print(json.dumps([m.tag, m.step, m.value, m.wall_time]), file=file)


class Sound(Watcher):
    """Follows lists of JSON."""

    def __init__(self, config, source):
        super().__init__(config, source)
        self.places = {}

    def paths(self):
        return [self.source.log_directory]

    def read(self):
        files = sorted(self.source.log_directory.glob("*.jsonl"))
        return [self.metric(line) for path in files for line in self.lines(path)]

    def lines(self, path):
        with open(path, "rb") as file:
            file.seek(self.places.get(path, 0))
            whole = b"".join(line for line in file if line.endswith(b"\n"))
        self.places[path] = self.places.get(path, 0) + len(whole)
        return whole.splitlines()

    def metric(self, line):
        tag, *rest = json.loads(line)
        return Metric(self.source.rename.get(tag, tag), *rest)


ABSENT = "test_a_source_that_is_not_there_yet_is_empty"
ONCE = "test_what_is_logged_is_read_once_under_canonical_names"
PARTS = "test_a_record_written_in_parts_is_read_once_it_is_whole"


@broken(ABSENT, "FileNotFoundError")
class NeedsTheFolder(Sound):
    def read(self):
        os.listdir(self.source.log_directory)
        return super().read()


@broken(ABSENT, "paths() is ['")
class TextPaths(Sound):
    def paths(self):
        return [str(self.source.log_directory)]


@broken(ABSENT, "an absent source is not empty; return [] until it appears")
class InventsAZero(Sound):
    def read(self):
        return super().read() or [Metric("training.loss", 0, 0.0, 0.0)]


@broken(
    ABSENT, "for a source that is not there; return at once: ttsf asks again", read_seconds=0.05
)
class Waits(Sound):
    def read(self):
        time.sleep(0.1)
        return super().read()


@broken(ABSENT, "ValueError: closed")
class ClosesOnce(Sound):
    closed = False

    def close(self):
        if self.closed:
            raise ValueError("closed")
        self.closed = True


@broken(ONCE, "a second read repeats measurements; remember how far you have read")
class Repeats(Sound):
    def lines(self, path):
        self.places.clear()
        return super().lines(path)


@broken(ONCE, "the first read: expected [")
class LosesTheLast(Sound):
    def lines(self, path):
        return super().lines(path)[:-1]


@broken(ONCE, "lose nothing, repeat nothing, rename tags with source.rename")
class KeepsTheTags(Sound):
    def metric(self, line):
        return Metric(*json.loads(line))


@broken(ONCE, "the first read: values differ")
class Rounds(Sound):
    def metric(self, line):
        found = super().metric(line)
        return Metric(found.tag, found.step, round(found.value, 2), found.wall_time)


@broken("test_following_restarted_loses_nothing", "a new watcher: expected [")
class BeginsAtTheEnd(Sound):
    def __init__(self, config, source):
        super().__init__(config, source)
        files = source.log_directory.glob("*.jsonl")
        self.places = {path: path.stat().st_size for path in files}


@broken("test_reading_between_writes_gives_everything_once", "all reads together: expected [")
class OneFileOnce(Sound):
    def lines(self, path):
        return [] if path in self.places else super().lines(path)


@broken(PARTS, "bytes raise JSONDecodeError")
class TrustsTheEnd(Sound):
    def lines(self, path):
        data = path.read_bytes()
        place, self.places[path] = self.places.get(path, 0), len(data)
        return data[place:].splitlines()


@broken(PARTS, "all reads of a growing file: expected [")
class SkipsHalves(TrustsTheEnd):
    def read(self):
        found = []
        for path in sorted(self.source.log_directory.glob("*.jsonl")):
            for line in self.lines(path):
                try:
                    found.append(self.metric(line))
                except (ValueError, TypeError):
                    continue
        return found


@broken("test_numbers_that_are_not_finite_are_read", "NaN was read as []")
class HidesNaN(Sound):
    def read(self):
        return [metric for metric in super().read() if math.isfinite(metric.value)]
