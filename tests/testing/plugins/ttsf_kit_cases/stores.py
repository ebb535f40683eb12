"""Хранилища."""

from __future__ import annotations

import json
import struct

from ttsf_kit_cases import broken

from tts_framework import events
from tts_framework.components import Store
from tts_framework.events import Metric
from tts_framework.testing import StoreContract as Checked

__all__ = ["Checked", "Sound"]


class Sound(Store):
    """Keeps a run in two files of JSON lines."""

    def __init__(self, config, folder):
        super().__init__(config, folder)
        self.files = {name: open(folder / name, "a+") for name in ("events", "metrics")}

    def write(self, name, records):
        file = self.files[name]
        file.writelines(f"{json.dumps(record)}\n" for record in records)
        self.sync(file)

    def sync(self, file):
        file.flush()  # от kill -9 спасает и это; от потери питания — только fsync

    def read(self, name):
        with open(self.folder / name) as file:
            return [json.loads(line) for line in file]

    def append(self, event):
        self.write("events", [event.to_dict()])

    def events(self):
        return iter([events.from_dict(record) for record in self.read("events")])

    def add_metrics(self, trial, metrics):
        seen = {(t, tag, step) for t, tag, step, *_ in self.read("metrics")}
        fresh = []
        for m in metrics:
            if (trial, m.tag, m.step) not in seen:
                seen.add((trial, m.tag, m.step))
                fresh.append(m)
        self.write("metrics", [(trial, m.tag, m.step, m.value, m.wall_time) for m in fresh])
        return fresh

    def metrics(self, trial, tag):
        rows = [Metric(*row) for of, *row in self.read("metrics") if of == trial]
        return sorted((m for m in rows if m.tag == tag), key=lambda m: m.step)

    def tags(self, trial):
        return sorted({tag for of, tag, *_ in self.read("metrics") if of == trial})

    def close(self):
        for file in self.files.values():
            file.close()


WHOLE = "test_events_come_back_whole_and_in_order_after_reopening"
ONCE = "test_a_step_of_a_tag_of_a_trial_is_stored_once"
EXACT = "test_numbers_come_back_exactly"


@broken(WHOLE, "events after reopening; first wrong: [")
class Backwards(Sound):
    def events(self):
        return reversed(list(super().events()))


@broken(WHOLE, "14 of 15 events after reopening")
class ForgetsTheFirst(Sound):
    def events(self):
        found = super().events()
        next(found, None)
        return found


@broken(WHOLE, "12 of 15 events after reopening; first wrong: [RolledBack(")
class KeepsKnownKinds(Sound):
    def append(self, event):
        if type(event).__name__ not in ("RolledBack", "CheckpointsRemoved", "Warned"):
            super().append(event)


@broken(WHOLE, "store Event.to_dict() and restore it with events.from_dict")
class StampsByItself(Sound):
    def append(self, event):
        self.write("events", [{**event.to_dict(), "at": 1.0}])


@broken("test_another_instance_sees_what_was_appended", "0 of 1 events in another open instance")
class WritesLater(Sound):
    def sync(self, file):
        pass


@broken(ONCE, "add_metrics returned")
class Repeats(Sound):
    def add_metrics(self, trial, metrics):
        found = list(metrics)
        self.write("metrics", [(trial, m.tag, m.step, m.value, m.wall_time) for m in found])
        return found


@broken(ONCE, "metrics(0, 'a') are [")
class KeepsTheLast(Sound):
    def add_metrics(self, trial, metrics):
        known, found = self.read("metrics"), list(metrics)
        fresh = super().add_metrics(trial, found)
        rows = {(t, tag, step): (t, tag, step, *rest) for t, tag, step, *rest in known}
        rows |= {(trial, m.tag, m.step): (trial, m.tag, m.step, m.value, 0) for m in found}
        self.files["metrics"].truncate(0)
        self.write("metrics", rows.values())
        return fresh


@broken(ONCE, "return only what (trial, tag, step) had not yet, keep the first value")
class MixesTrials(Sound):
    def add_metrics(self, trial, metrics):
        return super().add_metrics(0, metrics)


@broken(ONCE, "sort by step")
class InTheOrderOfWriting(Sound):
    def metrics(self, trial, tag):
        rows = [Metric(*row) for of, *row in self.read("metrics") if of == trial]
        return [m for m in rows if m.tag == tag]


@broken("test_tags_are_those_of_the_trial", "tags and metrics: (['loss', 'оценка'], ['loss', 'о")
class AllTags(Sound):
    def tags(self, trial):
        return sorted({tag for _, tag, *_ in self.read("metrics")})


@broken(EXACT, "came back as [0.30000001192092896, 0.0,")
class SinglePrecision(Sound):
    def metrics(self, trial, tag):
        found = super().metrics(trial, tag)
        pack = struct.Struct("f")
        return [
            Metric(m.tag, m.step, pack.unpack(pack.pack(m.value))[0], m.wall_time) for m in found
        ]


@broken(EXACT, "NaN and infinity are values too")
class HidesNaN(Sound):
    def metrics(self, trial, tag):
        return [m for m in super().metrics(trial, tag) if m.value == m.value]


@broken("test_what_was_appended_survives_kill_9", "of 40 events 0 are; fsync (or commit)")
class WritesAtTheEnd(Sound):
    """Hides it well: the buffer is read too."""

    def __init__(self, config, folder):
        super().__init__(config, folder)
        self.buffer = []

    def append(self, event):
        self.buffer.append(event)

    def close(self):
        for event in self.buffer:
            super().append(event)
        super().close()


@broken("test_closing_twice_is_harmless", "ValueError: I/O operation on closed file")
class ClosesOnce(Sound):
    def close(self):
        for file in self.files.values():
            file.flush()
        super().close()
