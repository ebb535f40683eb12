"""Контракт хранилища.

class TestMine(StoreContract):
    plugin = "mine"
"""

from __future__ import annotations

import json
import math
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tts_framework.components import Store
from tts_framework.events import Event, Metric, TrialFinished, Warned
from tts_framework.testing.contract import Contract
from tts_framework.testing.demand import demand
from tts_framework.testing.sent_events import sample_events

_KILLED = """
import json, os, signal, sys
from pathlib import Path
from tts_framework.events import Metric, Warned
from tts_framework.plugins import Plugins
plugin, options, folder = sys.argv[1:]
cls = Plugins().get("store", plugin)
store = cls(cls.Config(**json.loads(options)), Path(folder))
for number in range(40):
    store.append(Warned(message=str(number)))
    store.add_metrics(0, [Metric("loss", number, number / 3, 1.0)])
print("written", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
_ADVICE = "fsync (or commit) before append returns"


class StoreContract(Contract):
    """Единственная память запуска: записанное не теряется, не повторяется и не меняется.

    Переопределите `folder` или `options`, если хранилищу нужен сервер: у каждого теста оно пустое.
    """

    kind: ClassVar[str] = "store"

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """Папка запуска: пустая, своя у каждого теста."""
        path = tmp_path / "run"
        path.mkdir()
        return path

    @pytest.fixture
    def open_store(self, cls: type[Any], config: Any, folder: Path) -> Any:
        """Открывай хранилище этой папки: `open_store()`; закроются они сами."""
        opened: list[Store] = []

        def open_one() -> Store:
            opened.append(cls(config, folder))
            return opened[-1]

        yield open_one
        for store in opened:
            store.close()

    def test_events_come_back_whole_and_in_order_after_reopening(self, open_store: Any) -> None:
        sent = sample_events()
        first = open_store()
        for event in sent:
            first.append(event)
        first.close()
        _same(list(open_store().events()), sent, "after reopening")

    def test_another_instance_sees_what_was_appended(self, open_store: Any) -> None:
        writer, reader = open_store(), open_store()
        for number, event in enumerate(sample_events(), start=1):
            writer.append(event)
            _same(list(reader.events()), sample_events()[:number], "in another open instance")

    def test_a_step_of_a_tag_of_a_trial_is_stored_once(self, open_store: Any) -> None:
        store, rng, seen = open_store(), random.Random(1), dict[Any, float]()
        for _ in range(120):
            trial, tag, step = rng.randrange(3), rng.choice("ab"), rng.randrange(9)
            metric = Metric(tag, step, rng.random(), 5.0)
            fresh = store.add_metrics(trial, [metric, metric])
            new = [] if (trial, tag, step) in seen else [metric]
            demand(
                fresh == new,
                f"add_metrics returned {fresh}, new was {new}",
                "return only what (trial, tag, step) had not yet, keep the first value",
            )
            seen.setdefault((trial, tag, step), metric.value)
        for trial in range(3):
            for tag in "ab":
                found = [(m.step, m.value) for m in store.metrics(trial, tag)]
                kept = sorted((k[2], v) for k, v in seen.items() if k[:2] == (trial, tag))
                demand(found == kept, f"metrics({trial}, {tag!r}) are {found}", "sort by step")

    def test_tags_are_those_of_the_trial(self, open_store: Any) -> None:
        store = open_store()
        store.add_metrics(0, [Metric("loss", 1, 0.5, 1.0), Metric("оценка", 1, 0.5, 1.0)])
        found = (sorted(store.tags(0)), list(store.tags(1)), list(store.metrics(1, "loss")))
        demand(found == (["loss", "оценка"], [], []), f"tags and metrics: {found}", "ask per trial")

    def test_numbers_come_back_exactly(self, open_store: Any) -> None:
        values = [0.1 + 0.2, 1e-300, math.inf, math.nan, 2.0**60]
        metrics = [Metric("x", step, value, 1.5) for step, value in enumerate(values)]
        first = open_store()
        first.add_metrics(0, metrics)
        first.close()
        found = [m.value for m in open_store().metrics(0, "x")]
        demand(
            list(map(repr, found)) == list(map(repr, values)),
            f"{values} came back as {found}",
            "store 64-bit floats; NaN and infinity are values too",
        )

    def test_what_was_appended_survives_kill_9(self, open_store: Any, folder: Path) -> None:
        command = [sys.executable, "-c", _KILLED, self.plugin, json.dumps(self.options)]
        done = subprocess.run([*command, str(folder)], capture_output=True, text=True)
        demand(
            done.returncode == -signal.SIGKILL and "written" in done.stdout,
            f"the process ended with {done.returncode}: {done.stderr.strip()[-200:]}",
            "fix what it says",
        )
        store = open_store()
        messages = [event.message for event in store.events() if isinstance(event, Warned)]
        demand(
            messages == [str(n) for n in range(40)], f"of 40 events {len(messages)} are", _ADVICE
        )
        steps = [m.step for m in store.metrics(0, "loss")]
        demand(steps == list(range(40)), f"of 40 metrics {len(steps)} are left", _ADVICE)

    def test_closing_twice_is_harmless(self, open_store: Any) -> None:
        store = open_store()
        store.close()
        store.close()

    def test_it_carries_a_real_tuning(self, ttsf_tune: Any) -> None:
        tuned = ttsf_tune(store={"use": self.plugin, **self.options})
        finished = tuned.of(TrialFinished)
        demand(
            tuned.stopped.finished and len(tuned.history["trials"]) == len(finished) > 0,
            f"the run ended with {tuned.stopped.reason!r}",
            "look at the events of ttsf_tune",
        )


def _same(found: list[Event], sent: list[Event], where: str) -> None:
    wrong = [event for event in sent if event not in found]
    demand(
        found == sent,
        f"{len(found)} of {len(sent)} events {where}; first wrong: {(wrong or found)[:1]}",
        "store Event.to_dict() and restore it with events.from_dict, in the order of append",
    )
