"""Хранилище SQLite: ничего из записанного не теряется и не повторяется."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.builtin.sqlite import SqliteStore
from tts_framework.components import Options
from tts_framework.errors import TTSFError
from tts_framework.events import Metric, RunResumed, TrialFinished, Warned

STEPS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 20), st.floats(allow_nan=False)))


def open_store(folder: Path) -> SqliteStore:
    return SqliteStore(Options(), folder)


def metric(tag: str, step: int, value: float) -> Metric:
    return Metric(tag, step, value, 100.0 + step)


def test_events_come_back_in_order_after_reopening(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    sent = [RunResumed(run="r", trials=1), Warned(message="осторожно"), Warned(message="2")]
    for event in sent:
        store.append(event)
    store.close()
    assert list(open_store(tmp_path).events()) == sent


def test_a_finished_trial_keeps_every_field(tmp_path: Path) -> None:
    event = TrialFinished(
        trial=3,
        outcome="committed",
        reason="z = +1",
        end_iteration=600,
        checkpoint="checkpoints/trial_0003/checkpoint_600",
        sha256="0" * 64,
        value=0.5,
        score=None,
        forecast=0.51,
        forecast_std=0.02,
        seconds=12.5,
    )
    open_store(tmp_path).append(event)
    assert list(open_store(tmp_path).events()) == [event]


@given(STEPS)
def test_a_step_of_a_tag_of_a_trial_is_stored_once(
    tmp_path_factory: pytest.TempPathFactory, points: list[tuple[str, int, float]]
) -> None:
    store = open_store(tmp_path_factory.mktemp("store"))
    first: dict[tuple[str, int], float] = {}
    for tag, step, value in points:
        fresh = store.add_metrics(7, [metric(tag, step, value)])
        assert bool(fresh) == ((tag, step) not in first)
        first.setdefault((tag, step), value)
    for tag in "ab":
        stored = {(m.tag, m.step): m.value for m in store.metrics(7, tag)}
        assert stored == {key: value for key, value in first.items() if key[0] == tag}
        assert [m.step for m in store.metrics(7, tag)] == sorted(
            m.step for m in store.metrics(7, tag)
        )


def test_the_same_step_of_another_trial_is_another_measurement(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.add_metrics(0, [metric("val_loss", 100, 1.0)])
    store.add_metrics(1, [metric("val_loss", 100, 2.0)])
    assert [m.value for m in store.metrics(1, "val_loss")] == [2.0]
    assert store.tags(0) == ["val_loss"]
    assert store.metrics(0, "unknown") == []


def test_not_a_number_is_stored_as_such(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.add_metrics(0, [metric("loss", 1, math.nan), metric("loss", 2, math.inf)])
    first, second = store.metrics(0, "loss")
    assert math.isnan(first.value) and second.value == math.inf


def test_what_was_appended_survives_kill_9(tmp_path: Path) -> None:
    program = f"""
import os, signal
from pathlib import Path
from tts_framework.builtin.sqlite import SqliteStore
from tts_framework.components import Options
from tts_framework.events import Warned
store = SqliteStore(Options(), Path({str(tmp_path)!r}))
for number in range(50):
    store.append(Warned(message=str(number)))
os.kill(os.getpid(), signal.SIGKILL)
"""
    code = subprocess.run([sys.executable, "-c", program], env=dict(os.environ)).returncode
    assert code == -signal.SIGKILL
    messages = [
        event.message for event in open_store(tmp_path).events() if isinstance(event, Warned)
    ]
    assert messages == [str(number) for number in range(50)]


def test_a_damaged_file_is_named_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "ttsf.db").write_bytes(b"this is not a database" * 100)
    with pytest.raises(TTSFError, match="ttsf.db: .*restore the file"):
        open_store(tmp_path)


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(TTSFError, match="ttsf.db: unable to open"):
        open_store(tmp_path / "missing")


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.close()
    store.close()
