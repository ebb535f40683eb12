"""LogWatcher: слить потоки, не повторять, не падать вместе с источником, просыпаться от файла."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tts_framework.builtin.sqlite import SqliteStore
from tts_framework.components import Options, TrialSource, Watcher
from tts_framework.events import Metric
from tts_framework.smart_tuner.log_watcher import LogWatcher
from tts_framework.smart_tuner.metrics_store import MetricsStore


class LinesWatcher(Watcher):
    """Читает строки `tag step value` из файла в папке журналов."""

    poll_seconds = 5.0

    def paths(self) -> Sequence[Path]:
        return [self.source.log_directory]

    def read(self) -> list[Metric]:
        path = self.source.log_directory / "metrics.txt"
        if not path.exists():
            raise FileNotFoundError(f"{path.name} is not there yet")
        rows = (line.split() for line in path.read_text().splitlines())
        return [Metric(tag, int(step), float(value), 0.0) for tag, step, value in rows]


class PollingWatcher(LinesWatcher):
    poll_seconds = 0.05

    def paths(self) -> Sequence[Path]:
        return ()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MetricsStore]:
    inner = SqliteStore(Options(), tmp_path)
    yield MetricsStore(inner, "val_loss")
    inner.close()


def source(folder: Path) -> TrialSource:
    folder.mkdir(exist_ok=True)
    return TrialSource(trial=0, output_dir=folder, log_directory=folder, suffix="", rename={})


def test_two_watchers_of_one_metric_are_heard_once(tmp_path: Path, store: MetricsStore) -> None:
    where = source(tmp_path / "logs")
    (tmp_path / "logs" / "metrics.txt").write_text("val_loss 200 0.5\nval_loss 100 0.7\n")
    watchers = {name: LinesWatcher(Options(), where) for name in ("a", "b")}
    watcher = LogWatcher(0, watchers, store)
    fresh, warnings = watcher.read()
    assert [(m.step, m.value) for m in fresh] == [(100, 0.7), (200, 0.5)]
    assert warnings == []
    assert watcher.read() == ((), [])
    assert [(m.step, m.value) for m in store.series(0, "val_loss")] == [(100, 0.7), (200, 0.5)]


def test_a_broken_source_is_reported_once_and_asked_again(
    tmp_path: Path, store: MetricsStore
) -> None:
    watcher = LogWatcher(0, {"lines": LinesWatcher(Options(), source(tmp_path / "logs"))}, store)
    assert watcher.read() == (
        (),
        ["watcher lines: metrics.txt is not there yet; will be asked again"],
    )
    assert watcher.read() == ((), [])
    (tmp_path / "logs" / "metrics.txt").write_text("val_loss 100 0.7\n")
    assert len(watcher.read()[0]) == 1
    (tmp_path / "logs" / "metrics.txt").unlink()
    assert len(watcher.read()[1]) == 1


def test_a_change_of_a_file_wakes_before_the_poll(tmp_path: Path, store: MetricsStore) -> None:
    watcher = LogWatcher(0, {"lines": LinesWatcher(Options(), source(tmp_path / "logs"))}, store)
    path = tmp_path / "logs" / "metrics.txt"
    timer = threading.Timer(0.3, lambda: path.write_text("val_loss 100 0.7\n"))
    timer.start()
    started = time.monotonic()
    watcher.wait()
    waited = time.monotonic() - started
    timer.join()
    watcher.close()
    assert waited < LinesWatcher.poll_seconds


def test_a_source_without_files_is_polled(tmp_path: Path, store: MetricsStore) -> None:
    watcher = LogWatcher(0, {"poll": PollingWatcher(Options(), source(tmp_path / "logs"))}, store)
    watcher.wait()
    watcher.close()
